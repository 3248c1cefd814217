/** Where one message of a bus ends and the next begins, in the bytes that its server and its clients exchange. */

export interface Frame {
  readonly bytes: Buffer
  /** What relays tell each other, and not what keeps the connection. */
  readonly isMessage: boolean
}

/** The first frame; undefined while it is not whole. */
export type Framing = (bytes: Buffer) => Frame | undefined

const LINE_END = '\r\n'
const CARRIERS = new Set(['MSG', 'HMSG', 'PUB', 'HPUB'])

/** https://docs.nats.io/reference/reference-protocols/nats-protocol: a line, and after some of them as many bytes as its last word says. */
export const natsFraming: Framing = (bytes) => {
  const lineEnd = bytes.indexOf(LINE_END)
  if (lineEnd === -1) return undefined
  const words = bytes.toString('latin1', 0, lineEnd).split(/[ \t]+/)
  const isMessage = CARRIERS.has(words[0]?.toUpperCase() ?? '')
  const payload = isMessage ? Number(words.at(-1)) + LINE_END.length : 0
  const end = lineEnd + LINE_END.length + payload
  return end > bytes.byteLength ? undefined : { bytes: bytes.subarray(0, end), isMessage }
}

const NOTIFICATION = 'A'.charCodeAt(0)
const LENGTH_AT = 1
const CHANNEL_AT = 1 + 4 + 4

/**
 * What Postgres sends (https://www.postgresql.org/docs/current/protocol-message-formats.html): a letter, and the length of all that follows it.
 * Not of a connection that asked for TLS.
 * @param channel of the notifications that count
 */
export const postgresFraming =
  (channel: string): Framing =>
  (bytes) => {
    if (bytes.byteLength < LENGTH_AT + 4) return undefined
    const end = LENGTH_AT + bytes.readUInt32BE(LENGTH_AT)
    if (end > bytes.byteLength) return undefined
    const frame = bytes.subarray(0, end)
    const isNotification = frame[0] === NOTIFICATION
    return { bytes: frame, isMessage: isNotification && frame.toString('utf8', CHANNEL_AT).startsWith(`${channel}\0`) }
  }
