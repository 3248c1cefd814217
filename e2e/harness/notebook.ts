import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, resolve } from 'node:path'

/** Somebody else's program: a page with one shared text, on the stock y-websocket provider, served by nobody of this house. */
export type Notebook = {
  /** @param relay its origin, as a person knows it */
  readonly url: (relay: string, room: string) => string
  readonly close: () => Promise<void>
}

const packages = resolve(import.meta.dirname, '../../node_modules')

const page = `<!doctype html>
<title>Notebook</title>
<textarea aria-label="Shared text" rows="10" cols="60"></textarea>
<p role="status">connecting</p>
<script type="importmap">{"imports": {
  "yjs": "/packages/yjs/dist/yjs.mjs",
  "y-websocket": "/packages/y-websocket/src/y-websocket.js",
  "lib0/": "/packages/lib0/",
  "y-protocols/": "/packages/y-protocols/"
}}</script>
<script type="module">
import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'
const asked = new URLSearchParams(location.search)
const doc = new Y.Doc()
const text = doc.getText('text')
const provider = new WebsocketProvider(asked.get('relay').replace('http', 'ws') + '/y', asked.get('room'), doc)
const area = document.querySelector('textarea')
const say = (words) => { document.querySelector('[role=status]').textContent = words }
provider.on('sync', (isSynced) => say(isSynced ? 'synced' : 'connecting'))
provider.on('status', ({ status }) => status === 'connected' || say('connecting'))
text.observe((event, transaction) => { if (!transaction.local) area.value = text.toString() })
area.addEventListener('input', () => {
  const [from, to] = [text.toString(), area.value]
  let start = 0
  while (start < from.length && from[start] === to[start]) start++
  let end = 0
  while (end < from.length - start && end < to.length - start && from.at(-1 - end) === to.at(-1 - end)) end++
  doc.transact(() => {
    text.delete(start, from.length - start - end)
    text.insert(start, to.slice(start, to.length - end))
  })
})
</script>`

/** Modules are asked for by names without an ending: the packages' own maps of names say no more than that. */
const readModule = (path: string): Buffer | undefined => {
  try {
    return readFileSync(join(packages, path) + (extname(path) === '' ? '.js' : ''))
  } catch {
    return undefined
  }
}

export const startNotebook = async (): Promise<Notebook> => {
  const server = createServer(({ url = '/' }, answer) => {
    const [, path] = /^\/packages\/((?:yjs|y-websocket|lib0|y-protocols)\/[\w./-]+)$/.exec(url) ?? []
    const bytes = path === undefined ? page : readModule(path)
    answer.writeHead(bytes === undefined ? 404 : 200, {
      'content-type': path === undefined ? 'text/html; charset=utf-8' : 'text/javascript'
    })
    answer.end(bytes)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: (relay, room) => `http://localhost:${port}/?${new URLSearchParams({ relay, room })}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      })
  }
}
