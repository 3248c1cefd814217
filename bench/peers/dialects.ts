import { encodeVaruint } from './updates.ts'

/** How a server wants the y-protocol's messages wrapped. The bare broadcasts carry y-websocket's and answer nothing. */

export type DialectName = 'y-websocket' | 'hocuspocus' | 'bare'

export interface Dialect {
  path(room: string): string
  /** Bytes before the message type. */
  prefix(room: string): readonly number[]
  /** Sent before anything else. */
  readonly hello: readonly number[] | undefined
  /** Whether a sync step 1 is answered. */
  readonly answers: boolean
}

const text = (value: string): readonly number[] => {
  const encoded = Buffer.from(value)
  return [...encodeVaruint(encoded.length), ...encoded]
}

export const MESSAGE = { sync: 0, awareness: 1, auth: 2 } as const
export const SYNC = { step1: 0, step2: 1, update: 2 } as const

const yWebsocket = (base: string): Dialect => ({
  path: (room) => `${base}${room}`,
  prefix: () => [],
  hello: undefined,
  answers: true
})

export const createDialect = (name: DialectName, base = '/'): Dialect => {
  if (name === 'y-websocket') return yWebsocket(base)
  if (name === 'bare') return { ...yWebsocket('/'), answers: false }
  return {
    path: () => '/',
    prefix: text,
    // Auth, token; then the version of the provider, as its 4.x sends it.
    hello: [MESSAGE.auth, 0, ...text('token'), ...text('4.7.0')],
    answers: true
  }
}

const join = (prefix: readonly number[], head: readonly number[], body: Uint8Array): Uint8Array => {
  const message = new Uint8Array(prefix.length + head.length + body.length)
  message.set(prefix)
  message.set(head, prefix.length)
  message.set(body, prefix.length + head.length)
  return message
}

/** Sync step 1, 2 or an update. */
export const syncMessage = (prefix: readonly number[], kind: number, body: Uint8Array): Uint8Array =>
  join(prefix, [MESSAGE.sync, kind, ...encodeVaruint(body.length)], body)

/** One client's presence. */
export const awarenessMessage = (
  prefix: readonly number[],
  client: number,
  clock: number,
  state: string
): Uint8Array => {
  const body = Uint8Array.from([1, ...encodeVaruint(client), ...encodeVaruint(clock), ...text(state)])
  return join(prefix, [MESSAGE.awareness, ...encodeVaruint(body.length)], body)
}
