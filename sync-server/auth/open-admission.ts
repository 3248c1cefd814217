import { FIELD_ROOMS } from '#core/field.ts'
import { checkOpenToken, type OpenAccess, type TokenRefusal } from './open-token.ts'

/** Who may enter an open room: the operator's policy, the page it is asked from, and a token. */

/** open: everybody writes; read: everybody reads, a token may write; token: nobody without one; off: nobody. */
export type OpenPolicy = 'open' | 'read' | 'token' | 'off'

export interface OpenAdmissionOptions {
  readonly policy: OpenPolicy
  readonly secret: string
  /** Whether a page of this origin may enter without a token. Programs send none. */
  readonly isAllowedOrigin: (origin: string) => boolean
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
}

export interface OpenVisitor {
  readonly token: string | undefined
  readonly origin: string | undefined
}

const TOKEN_WORDS: Readonly<Record<TokenRefusal, string>> = {
  'not-a-token': 'the token is not one of this relay',
  expired: 'the token has expired',
  'another-room': 'the token is for another room'
}

export type OpenAdmission = (room: string, visitor: OpenVisitor) => OpenAccess | { readonly refused: string }

export const createOpenAdmission = ({ policy, secret, isAllowedOrigin, now }: OpenAdmissionOptions): OpenAdmission => {
  return (room, { token, origin }) => {
    if (policy === 'off') return { refused: 'this relay has no open rooms' }
    if (token !== undefined && token !== '') {
      const access = checkOpenToken(secret, token, room, now())
      return access.ok ? access.value : { refused: TOKEN_WORDS[access.error] }
    }
    // What the relays count is public wherever there are open rooms at all; nobody but they writes it.
    if (room.startsWith(FIELD_ROOMS) && (origin === undefined || isAllowedOrigin(origin))) return 'read'
    if (policy === 'token') return { refused: 'a token is needed' }
    if (origin !== undefined && !isAllowedOrigin(origin)) {
      return { refused: 'pages from there may not connect (OPEN_ORIGINS)' }
    }
    return policy === 'open' ? 'write' : 'read'
  }
}
