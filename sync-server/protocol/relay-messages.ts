import { createDecoder, type Decoder, hasContent, readUint8, readVarUint, readVarUint8Array } from 'lib0/decoding'
import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeUint8,
  writeUint8Array,
  writeVarUint,
  writeVarUint8Array
} from 'lib0/encoding'
import { err, ok, type Result } from '#core/result.ts'

/** What relays of one store tell each other over the bus: docs/spec/relays.md has the bytes. A message is `kind u8 | origin fixed 8 | body`. */

export const ORIGIN_BYTES = 8

export interface EphemeralFrame {
  /** Tells the senders of one relay apart. */
  readonly sender: number
  readonly frame: Uint8Array
}

export type RelayMessage =
  | HintMessage
  | PresenceMessage
  /** Clients that this relay holds for gone, with the clock they have to exceed. */
  | { readonly kind: 'departed'; readonly clients: readonly (readonly [client: number, clock: number])[] }
  | { readonly kind: 'ephemeral'; readonly frames: readonly EphemeralFrame[] }
  /** So many listen to the shard at this relay. `asks`: the others say the same. */
  | { readonly kind: 'peers'; readonly count: number; readonly asks: boolean }
  /** Bytes of an erasure proof: ask the store about its scope. */
  | { readonly kind: 'erased'; readonly proof: Uint8Array }
  /** A sign of life: what this relay brought stays. */
  | { readonly kind: 'alive' }
  /** It leaves in order: what it brought leaves with it. */
  | { readonly kind: 'left' }

/** A room or shard has grown up to `seq`. */
export interface HintMessage {
  readonly kind: 'hint'
  readonly seq: number
  /** Of the room's row at `seq`, and of the one before `rows`: whose history differs passes them over. 0 of a shard, whose entries are a chain. */
  readonly mark: number
  readonly before: number
  /** The newest ones, the last of which is `seq`; perhaps none. */
  readonly rows: readonly Uint8Array[]
}

/** Presence of a relay's own sockets in a room. */
export interface PresenceMessage {
  readonly kind: 'presence'
  /** Whoever else this relay spoke for, it no longer does. */
  readonly full: boolean
  /** The others say who is with them. */
  readonly asks: boolean
  /** Rises with each such message of a relay. */
  readonly order: number
  /** Client ids for which this relay no longer speaks, though somebody else may. */
  readonly released: readonly number[]
  /** An awareness update as in y-protocols. */
  readonly update: Uint8Array
}

const KINDS = ['hint', 'presence', 'departed', 'ephemeral', 'peers', 'erased', 'alive', 'left'] as const

const FULL = 1
const ASKS = 2

const writeBody = (to: Encoder, message: RelayMessage): void => {
  switch (message.kind) {
    case 'hint':
      writeVarUint(to, message.seq)
      writeVarUint(to, message.mark)
      writeVarUint(to, message.before)
      writeVarUint(to, message.rows.length)
      for (const row of message.rows) writeVarUint8Array(to, row)
      return
    case 'presence':
      writeUint8(to, (message.full ? FULL : 0) | (message.asks ? ASKS : 0))
      writeVarUint(to, message.order)
      writeVarUint(to, message.released.length)
      for (const client of message.released) writeVarUint(to, client)
      writeVarUint8Array(to, message.update)
      return
    case 'departed':
      writeVarUint(to, message.clients.length)
      for (const [client, clock] of message.clients) {
        writeVarUint(to, client)
        writeVarUint(to, clock)
      }
      return
    case 'ephemeral':
      writeVarUint(to, message.frames.length)
      for (const { sender, frame } of message.frames) {
        writeVarUint(to, sender)
        writeVarUint8Array(to, frame)
      }
      return
    case 'peers':
      writeVarUint(to, message.count)
      writeUint8(to, message.asks ? 1 : 0)
      return
    case 'erased':
      writeVarUint8Array(to, message.proof)
      return
    default:
      return
  }
}

/** @param origin 8 random bytes of the relay that sends it. */
export const encodeRelayMessage = (origin: Uint8Array, message: RelayMessage): Uint8Array => {
  const to = createEncoder()
  writeUint8(to, KINDS.indexOf(message.kind) + 1)
  writeUint8Array(to, origin)
  writeBody(to, message)
  return toUint8Array(to)
}

const readList = <Item>(from: Decoder, read: () => Item): Item[] => {
  const items: Item[] = []
  for (let left = readVarUint(from); left > 0; left--) items.push(read())
  return items
}

const readBody = (kind: (typeof KINDS)[number], from: Decoder): RelayMessage => {
  switch (kind) {
    case 'hint':
      return {
        kind,
        seq: readVarUint(from),
        mark: readVarUint(from),
        before: readVarUint(from),
        rows: readList(from, () => readVarUint8Array(from))
      }
    case 'presence': {
      const flags = readUint8(from)
      const order = readVarUint(from)
      const released = readList(from, () => readVarUint(from))
      const update = readVarUint8Array(from)
      return { kind, full: (flags & FULL) !== 0, asks: (flags & ASKS) !== 0, order, released, update }
    }
    case 'departed':
      return { kind, clients: readList(from, () => [readVarUint(from), readVarUint(from)] as const) }
    case 'ephemeral':
      return { kind, frames: readList(from, () => ({ sender: readVarUint(from), frame: readVarUint8Array(from) })) }
    case 'peers':
      return { kind, count: readVarUint(from), asks: readUint8(from) === 1 }
    case 'erased':
      return { kind, proof: readVarUint8Array(from) }
    default:
      return { kind }
  }
}

export interface ReceivedMessage {
  /** The sender's origin as text, for maps. */
  readonly origin: string
  readonly message: RelayMessage
}

export const originKey = (origin: Uint8Array): string => {
  let key = ''
  for (let i = 0; i < ORIGIN_BYTES; i++) key += String.fromCharCode(origin[i] ?? 0)
  return key
}

/** Whether this relay sent it itself: told without reading further. */
export const isOwnMessage = (own: Uint8Array, bytes: Uint8Array): boolean => {
  for (let i = 0; i < ORIGIN_BYTES; i++) if (bytes[1 + i] !== own[i]) return false
  return true
}

/** The parts of the result lie in `bytes`: nothing is copied. A kind that a newer relay speaks is malformed to this one, and passed over. */
export const decodeRelayMessage = (bytes: Uint8Array): Result<ReceivedMessage, 'malformed'> => {
  const kind = KINDS[(bytes[0] ?? 0) - 1]
  if (kind === undefined || bytes.byteLength < 1 + ORIGIN_BYTES) return err('malformed')
  try {
    const from = createDecoder(bytes.subarray(1 + ORIGIN_BYTES))
    const message = readBody(kind, from)
    if (hasContent(from)) return err('malformed')
    return ok({ origin: originKey(bytes.subarray(1)), message })
  } catch {
    return err('malformed')
  }
}
