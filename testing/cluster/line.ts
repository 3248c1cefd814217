import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * A TCP line between two processes, which a test can cut as networks are cut. Bytes that a silent line holds arrive when
 * it is open again, as retransmitted ones do: a request may be carried out long after its sender gave up.
 */
export interface Line extends AsyncDisposable {
  readonly port: number
  become(weather: Weather): void
  /** RST to both ends of every connection (of those to this port). What is in flight is lost. */
  reset(toPort?: number): void
  /** Connections at this moment. */
  count(): number
}

export type Weather =
  | { readonly kind: 'open'; readonly delayMs?: number }
  /** Every connection is reset, and so is every new one. */
  | { readonly kind: 'cut' }
  /** Half-open: nothing arrives on this way, or on neither, and nobody is told. */
  | { readonly kind: 'silent'; readonly way: Way | 'both' }

/** Towards the server, or back from it. */
export type Way = 'there' | 'back'

/**
 * Stands in a line's way, for each connection and way anew.
 * @returns takes bytes as they come, and hands on what it lets through, at once or later
 */
export type Meddling = (way: Way, handOn: (bytes: Buffer) => void) => (chunk: Buffer) => void

interface Connection {
  readonly near: Socket
  readonly far: Socket
  readonly toPort: number
}

/** @param target port on 127.0.0.1, asked for each connection; undefined = nobody is there. */
export const openLine = async (
  target: () => number | undefined,
  meddle: Meddling = (_, handOn) => handOn
): Promise<Line> => {
  const connections = new Set<Connection>()
  let weather: Weather = { kind: 'open' }
  let waiting: (() => void)[] = []

  const isSilent = (way: Way): boolean => weather.kind === 'silent' && (weather.way === 'both' || weather.way === way)
  const passable = async (way: Way): Promise<void> => {
    while (isSilent(way)) await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const delayMs = (): number => (weather.kind === 'open' ? (weather.delayMs ?? 0) : 0)

  const end = (connection: Connection): void => {
    connections.delete(connection)
    for (const socket of [connection.near, connection.far]) if (!socket.destroyed) socket.resetAndDestroy()
  }

  /** What happens on one side happens on the other, in order, once the line lets it. */
  const pass = (way: Way, from: Socket, to: Socket, connection: Connection): void => {
    let last = Promise.resolve()
    const then = (act: () => void): void => {
      const due = performance.now() + delayMs()
      last = last.then(async () => {
        const wait = due - performance.now()
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
        await passable(way)
        act()
      })
    }
    from.on(
      'data',
      meddle(way, (bytes) => then(() => to.writable && to.write(bytes)))
    )
    from.on('end', () => then(() => to.writable && to.end()))
    from.on('error', () => then(() => end(connection)))
    from.on('close', () =>
      then(() => {
        if (to.destroyed) connections.delete(connection)
        else if (!to.writableEnded) end(connection)
      })
    )
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    const toPort = target()
    if (toPort === undefined || weather.kind === 'cut') {
      near.on('error', () => undefined)
      near.resetAndDestroy()
      return
    }
    const far = connect({ port: toPort, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [near, far]) socket.setNoDelay(true)
    const connection = { near, far, toPort }
    connections.add(connection)
    pass('there', near, far, connection)
    pass('back', far, near, connection)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const reset = (toPort?: number): void => {
    for (const connection of [...connections]) if (toPort === undefined || connection.toPort === toPort) end(connection)
  }
  return {
    port: (server.address() as AddressInfo).port,
    become(next) {
      weather = next
      if (next.kind === 'cut') reset()
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    reset,
    count: () => connections.size,
    async [Symbol.asyncDispose]() {
      weather = { kind: 'cut' }
      for (const wake of waiting) wake()
      reset()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}
