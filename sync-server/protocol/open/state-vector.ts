import { createDecoder, readVarUint } from 'lib0/decoding'
import { err, ok, type Result } from '#core/result.ts'
import { putVarUint, varUintLength } from './messages.ts'

/** Yjs state vector: by client id, up to which clock (exclusive) everything is held. */
export type Clocks = ReadonlyMap<number, number>

export const decodeStateVector = (bytes: Uint8Array): Result<Map<number, number>, 'malformed'> => {
  try {
    const decoder = createDecoder(bytes)
    const clocks = new Map<number, number>()
    for (let left = readVarUint(decoder); left > 0; left--) {
      const client = readVarUint(decoder)
      const clock = readVarUint(decoder)
      if (clock > 0) clocks.set(client, clock)
    }
    return ok(clocks)
  } catch {
    return err('malformed')
  }
}

/** Highest client first, as Yjs writes it: equal state vectors are equal bytes. */
export const encodeStateVector = (clocks: Clocks): Uint8Array => {
  const clients = [...clocks.keys()].sort((a, b) => b - a)
  let size = varUintLength(clients.length)
  for (const client of clients) size += varUintLength(client) + varUintLength(clocks.get(client) ?? 0)
  const out = new Uint8Array(size)
  let at = putVarUint(out, 0, clients.length)
  for (const client of clients) at = putVarUint(out, putVarUint(out, at, client), clocks.get(client) ?? 0)
  return out
}

/** Whether a peer at `clocks` lacks something of what is held up to `held`. */
export const lacksOf = (clocks: Clocks, held: Clocks): boolean => {
  for (const [client, clock] of held) if ((clocks.get(client) ?? 0) < clock) return true
  return false
}
