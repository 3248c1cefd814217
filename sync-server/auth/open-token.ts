import { createHmac, timingSafeEqual } from 'node:crypto'
import { err, ok, type Result } from '#core/result.ts'

/**
 * What a client shows to enter an open room: `base64url(payload).base64url(HMAC-SHA-256 of the payload's text)`. The payload is JSON:
 * `room`, or `prefix` for all rooms whose names begin with it, then `access` and `until` in seconds since 1970 UTC.
 */

export type OpenAccess = 'read' | 'write'

export interface OpenClaim {
  readonly scope: { readonly kind: 'room' | 'prefix'; readonly name: string }
  readonly access: OpenAccess
  /** Seconds since 1970 UTC, whole. */
  readonly until: number
}

export type TokenRefusal = 'not-a-token' | 'expired' | 'another-room'

/** Room names have at most 255 bytes; in JSON and base64url that stays far below. */
const MAX_TOKEN_CHARACTERS = 4_000

const toBase64Url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')

const macOf = (secret: string, payload: string): string =>
  createHmac('sha256', secret).update(payload).digest('base64url')

export const signOpenToken = (secret: string, { scope, access, until }: OpenClaim): string => {
  const payload = toBase64Url(JSON.stringify({ [scope.kind]: scope.name, access, until }))
  return `${payload}.${macOf(secret, payload)}`
}

const parseClaim = (payload: string): OpenClaim | undefined => {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { room, prefix, access, until } = value as Record<string, unknown>
  if ((access !== 'read' && access !== 'write') || typeof until !== 'number') return undefined
  if (typeof room === 'string' && prefix === undefined) return { scope: { kind: 'room', name: room }, access, until }
  if (typeof prefix === 'string' && room === undefined)
    return { scope: { kind: 'prefix', name: prefix }, access, until }
  return undefined
}

/** The texts are compared, so one token has one form; equal lengths are no secret. */
const isSame = (given: string, expected: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}

/** @param now milliseconds since 1970 UTC. Nothing of the payload is looked at before the signature holds. */
export const checkOpenToken = (
  secret: string,
  token: string,
  room: string,
  now: number
): Result<OpenAccess, TokenRefusal> => {
  const [payload = '', mac = '', ...rest] = token.length > MAX_TOKEN_CHARACTERS ? [] : token.split('.')
  if (rest.length > 0 || !isSame(mac, macOf(secret, payload))) return err('not-a-token')
  const claim = parseClaim(payload)
  if (claim === undefined) return err('not-a-token')
  if (now >= claim.until * 1_000) return err('expired')
  const { kind, name } = claim.scope
  const isHere = kind === 'room' ? room === name : room.startsWith(name)
  return isHere ? ok(claim.access) : err('another-room')
}
