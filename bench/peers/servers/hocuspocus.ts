import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

/** Hocuspocus as its own documentation starts it; BENCH_SQLITE names the database of its SQLite extension. */

const peers = createRequire(join(process.env.BENCH_PEERS as string, 'package.json'))
const load = (name: string): Promise<object> => import(pathToFileURL(peers.resolve(name)).href)

interface HocuspocusServer {
  listen(): Promise<unknown>
  readonly address: { readonly port: number }
}
const { Server } = (await load('@hocuspocus/server')) as {
  readonly Server: new (options: object) => HocuspocusServer
}
const { SQLite } = (await load('@hocuspocus/extension-sqlite')) as { readonly SQLite: new (options: object) => object }
const database = process.env.BENCH_SQLITE
const server = new Server({
  port: 0,
  address: '127.0.0.1',
  quiet: true,
  extensions: database === undefined ? [] : [new SQLite({ database })]
})
await server.listen()
process.stdout.write(`port ${server.address.port}\n`)
