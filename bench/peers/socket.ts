import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { clientFrame, createFrameReader } from './frames.ts'

/** A WebSocket client on a plain socket: one buffer to read into for all of them, nothing made per message. */

export interface PlainSocket {
  /** One binary message. @returns false when the kernel takes no more for now. */
  send(payload: Uint8Array): boolean
  /** A frame made before (clientFrame). */
  sendFrame(frame: Buffer): boolean
  onDrain(run: () => void): void
  setKeep(keep: boolean): void
  close(): void
  /** Bytes of all messages received. */
  received(): number
  readonly closed: Promise<number>
}

export interface SocketOptions {
  readonly port: number
  readonly path: string
  readonly protocol?: string
  /** Of 127.0.0.0/8: a limit by address, or 28,000 ports, may be in the way of one. */
  readonly localAddress?: string
  readonly onMessage: (bytes: Buffer, start: number, end: number, total: number) => void
  /** Before the first message. */
  readonly onOpen?: (socket: PlainSocket) => void
}

/** Callbacks end before the next read begins, so all sockets share it. */
const shared = Buffer.allocUnsafeSlow(262_144)

const endOfHead = (bytes: Buffer): number => bytes.indexOf('\r\n\r\n')

export const openSocket = (options: SocketOptions): Promise<PlainSocket> =>
  new Promise((done, fail) => {
    const { port, path, protocol, localAddress, onMessage } = options
    let head: Buffer | undefined = Buffer.alloc(0)
    let received = 0
    let code = 1006
    let end: (code: number) => void = () => {}
    const closed = new Promise<number>((resolve) => {
      end = resolve
    })
    const reader = createFrameReader({
      message(bytes, start, stop, total) {
        received += total
        onMessage(bytes, start, stop, total)
      },
      ping: (payload) => socket.write(clientFrame(payload, 10)),
      close(given) {
        code = given
        socket.end()
      }
    })
    const shake = (chunk: Buffer): void => {
      head = Buffer.concat([head as Buffer, chunk])
      const at = endOfHead(head)
      if (at < 0) return
      const rest = Buffer.from(head.subarray(at + 4))
      const status = head.toString('latin1', 0, Math.min(at, 60)).split('\r\n')[0]
      head = undefined
      if (status?.includes(' 101 ') !== true) {
        socket.destroy()
        fail(new Error(`no WebSocket: ${status}`))
        return
      }
      options.onOpen?.(plain)
      done(plain)
      reader.push(rest, rest.length)
    }
    const socket = connect({
      port,
      host: '127.0.0.1',
      ...(localAddress === undefined ? {} : { localAddress }),
      noDelay: true,
      onread: {
        buffer: shared,
        callback(length: number, chunk: Uint8Array): boolean {
          if (head === undefined) reader.push(chunk as Buffer, length)
          else shake(Buffer.from((chunk as Buffer).subarray(0, length)))
          return true
        }
      }
    })
    socket.on('error', (cause) => fail(cause))
    socket.on('close', () => {
      fail(new Error('closed before it was open'))
      end(code)
    })
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: localhost:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Version: 13',
      ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`])
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    const plain: PlainSocket = {
      send: (payload) => socket.write(clientFrame(payload)),
      sendFrame: (frame) => socket.write(frame),
      onDrain: (run) => void socket.once('drain', run),
      setKeep: (keep) => reader.setKeep(keep),
      close() {
        socket.write(clientFrame(Uint8Array.of(3, 232), 8))
        socket.end()
      },
      received: () => received,
      closed
    }
  })
