import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { err, ok, type Result } from '#core/result.ts'
import { awarenessMessage, putVarUint, varUintLength } from './messages.ts'

/** One client's presence as y-protocols 1.0.7 carries it. */
export interface Presence {
  readonly client: number
  readonly clock: number
  /** JSON text as UTF-8; undefined: gone. */
  readonly state: Uint8Array | undefined
}

/** Of few bytes each, a large message could hold millions. More than a room has people. */
const MOST_IN_A_MESSAGE = 50_000

const GONE = new Uint8Array([0x6e, 0x75, 0x6c, 0x6c])

const isGone = (state: Uint8Array): boolean =>
  state.byteLength === 4 && state[0] === 0x6e && state[1] === 0x75 && state[2] === 0x6c && state[3] === 0x6c

/** The states lie in `bytes`: nothing is copied. */
export const decodePresences = (bytes: Uint8Array): Result<readonly Presence[], 'malformed'> => {
  const presences: Presence[] = []
  try {
    const decoder = createDecoder(bytes)
    const count = readVarUint(decoder)
    if (count > MOST_IN_A_MESSAGE) return err('malformed')
    for (let left = count; left > 0; left--) {
      const client = readVarUint(decoder)
      const clock = readVarUint(decoder)
      const state = readVarUint8Array(decoder)
      presences.push({ client, clock, state: isGone(state) ? undefined : state })
    }
    return ok(presences)
  } catch {
    return err('malformed')
  }
}

/** @returns one awareness message. */
export const encodePresences = (presences: readonly Presence[]): Uint8Array => {
  let size = varUintLength(presences.length)
  for (const { client, clock, state = GONE } of presences) {
    size += varUintLength(client) + varUintLength(clock) + varUintLength(state.byteLength) + state.byteLength
  }
  const { message, at } = awarenessMessage(size)
  let to = putVarUint(message, at, presences.length)
  for (const { client, clock, state = GONE } of presences) {
    to = putVarUint(message, putVarUint(message, putVarUint(message, to, client), clock), state.byteLength)
    message.set(state, to)
    to += state.byteLength
  }
  return message
}
