import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding'
import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array
} from 'lib0/encoding'

/** The y-websocket protocol as a bystander reads it, with lib0 and not with the code under test. */
export type Heard =
  | { readonly kind: 'step1' | 'step2' | 'update'; readonly body: Uint8Array }
  | { readonly kind: 'awareness'; readonly entries: readonly PresenceEntry[] }
  | { readonly kind: 'denied' | 'query' }

export interface PresenceEntry {
  readonly client: number
  readonly clock: number
  readonly state: unknown
}

const STEPS = ['step1', 'step2', 'update'] as const

export const readMessage = (bytes: Uint8Array): Heard => {
  const decoder = createDecoder(bytes)
  const type = readVarUint(decoder)
  if (type === 0) {
    const kind = STEPS[readVarUint(decoder)]
    if (kind === undefined) throw new Error('not a sync message')
    return { kind, body: readVarUint8Array(decoder) }
  }
  if (type === 2) return { kind: 'denied' }
  if (type === 3) return { kind: 'query' }
  if (type !== 1) throw new Error(`message type ${type}`)
  const inner = createDecoder(readVarUint8Array(decoder))
  const entries = Array.from({ length: readVarUint(inner) }, () => ({
    client: readVarUint(inner),
    clock: readVarUint(inner),
    state: JSON.parse(readVarString(inner)) as unknown
  }))
  return { kind: 'awareness', entries }
}

export const writeMessage = (type: number, write: (to: Encoder) => void): Uint8Array => {
  const to = createEncoder()
  writeVarUint(to, type)
  write(to)
  return toUint8Array(to)
}

export const writeBytes = (type: number, body: Uint8Array): Uint8Array =>
  writeMessage(type, (to) => writeVarUint8Array(to, body))

export const goneMessage = (client: number, clock: number): Uint8Array => {
  const entry = createEncoder()
  writeVarUint(entry, 1)
  writeVarUint(entry, client)
  writeVarUint(entry, clock)
  writeVarString(entry, 'null')
  return writeBytes(1, toUint8Array(entry))
}
