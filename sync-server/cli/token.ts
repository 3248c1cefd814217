import { err, ok, type Result } from '#core/result.ts'
import { type OpenClaim, signOpenToken } from '#server/auth/open-token.ts'

export interface TokenWish {
  /** A room's name; ending in `*`, all rooms that begin so. */
  readonly room: string
  readonly access: string
  readonly hours: string
}

const MAX_HOURS = 10 * 366 * 24
const MAX_NAME_BYTES = 255

/** @param now milliseconds since 1970 UTC. @returns one line where it cannot be done. */
export const makeToken = (secret: string, wish: TokenWish, now: number): Result<string, string> => {
  const { room, access, hours } = wish
  if (room === '') return err('name a room: --room notes/today, or all that begin alike: --room "notes/*"')
  if (Buffer.byteLength(room) > MAX_NAME_BYTES) return err(`a room's name has at most ${MAX_NAME_BYTES} bytes`)
  if (access !== 'read' && access !== 'write') return err(`--access must be read or write, not "${access}"`)
  const length = Number(hours)
  if (!/^\d+$/.test(hours) || length < 1 || length > MAX_HOURS)
    return err(`--hours must be a whole number from 1 to ${MAX_HOURS}, not "${hours}"`)
  const scope: OpenClaim['scope'] = room.endsWith('*')
    ? { kind: 'prefix', name: room.slice(0, -1) }
    : { kind: 'room', name: room }
  return ok(signOpenToken(secret, { scope, access, until: Math.floor(now / 1_000) + length * 3_600 }))
}
