import { createServer, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** What stands between a browser and a relay: it can count, cut, delay, listen and rewrite. */
export type Between = {
  readonly port: number
  readonly url: string
  /** Which relay on 127.0.0.1 stands behind it: the relay is told the proxy's address, so the proxy is there first. */
  readonly aim: (port: number) => void
  /** Cuts every connection and refuses new ones, or lets them through again. */
  readonly cut: (isCut: boolean) => void
  /** Cuts the sockets of the sealed log after that many more bytes from the browser. */
  readonly cutAfter: (bytes: number) => void
  readonly close: () => Promise<void>
}

export type BetweenOptions = {
  /** Answers a path in the relay's place: its body is made from the relay's own. */
  readonly rewrite?: (path: string, body: Buffer) => Buffer
}

/** Says who asked and how, as a host's proxy does. */
const forwarded = (host: string | undefined): Record<string, string> => ({
  'x-forwarded-for': '127.0.0.1',
  'x-forwarded-proto': 'http',
  'x-forwarded-host': host ?? ''
})

export const startProxy = async ({ rewrite = (_path, body) => body }: BetweenOptions = {}): Promise<Between> => {
  let target = 0
  const sockets = new Set<Socket>()
  let isCut = false
  let left = Number.POSITIVE_INFINITY

  const server = createServer((incoming, outgoing) => {
    const headers: Record<string, string | string[] | undefined> = {
      ...incoming.headers,
      ...forwarded(incoming.headers.host)
    }
    // Answers are read and changed here, so they must come whole and not compressed.
    delete headers['accept-encoding']
    delete headers['if-none-match']
    delete headers['if-modified-since']
    const onward = request(
      { port: target, host: '127.0.0.1', method: incoming.method, path: incoming.url, headers },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => {
          const body = rewrite(incoming.url ?? '', Buffer.concat(chunks))
          const { 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = answer.headers
          outgoing.writeHead(answer.statusCode ?? 502, rest)
          outgoing.end(body)
        })
      }
    )
    onward.on('error', () => outgoing.writeHead(502).end())
    incoming.pipe(onward)
  })

  server.on('connection', (socket) => {
    if (isCut) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })

  server.on('upgrade', (incoming, socket, head) => {
    const onward = connect(target, '127.0.0.1', () => {
      const lines = [
        `GET ${incoming.url} HTTP/1.1`,
        ...Object.entries(forwarded(incoming.headers.host)).map(([name, value]) => `${name}: ${value}`)
      ]
      for (let at = 0; at < incoming.rawHeaders.length; at += 2)
        lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`)
      onward.write(`${lines.join('\r\n')}\r\n\r\n`)
      onward.write(head)
    })
    const end = (): void => {
      socket.destroy()
      onward.destroy()
    }
    socket.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) return end()
      onward.write(chunk)
    })
    onward.on('data', (chunk: Buffer) => socket.write(chunk))
    for (const side of [socket, onward]) for (const event of ['error', 'close']) side.on(event, end)
  })

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const cut = (now: boolean): void => {
    isCut = now
    left = Number.POSITIVE_INFINITY
    if (now) for (const socket of sockets) socket.destroy()
  }
  return {
    port,
    url: `http://localhost:${port}`,
    aim: (relayPort) => {
      target = relayPort
    },
    cut,
    cutAfter: (bytes) => {
      left = bytes
    },
    close: async () => {
      cut(true)
      await new Promise((done) => server.close(done))
    }
  }
}
