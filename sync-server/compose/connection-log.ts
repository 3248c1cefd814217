import type { Logger } from 'pino'
import type { ConnectionHandle, SocketPort } from '#server/rooms/relay-ports.ts'

/** Anything that takes sockets, with whatever is known of where they want to go. */
type Connect<Socket extends SocketPort, Where> = (socket: Socket, where: Where) => ConnectionHandle

/**
 * Tells of each connection's beginning and end, under one id. Only where somebody asked for so much: it costs a few objects
 * a socket.
 * @param describe what may be logged: never a name of a room, never an address
 */
export const logConnections = <Socket extends SocketPort, Where>(
  logger: Logger,
  describe: (where: Where) => Readonly<Record<string, string>>,
  connect: Connect<Socket, Where>
): Connect<Socket, Where> => {
  if (!logger.isLevelEnabled('debug')) return connect
  let nextId = 1
  return (socket, where) => {
    const line = logger.child({ connection: nextId++, ...describe(where) })
    let isOpen = true
    const end = (code: number | undefined): void => {
      if (isOpen) line.debug({ code }, code === undefined ? 'the peer left' : 'closed')
      isOpen = false
    }
    line.debug('connected')
    const close = (code: number): void => {
      end(code)
      socket.close(code)
    }
    const handle = connect({ ...socket, close }, where)
    return {
      ...handle,
      closed() {
        end(undefined)
        handle.closed()
      }
    }
  }
}
