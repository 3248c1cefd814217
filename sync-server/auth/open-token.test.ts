import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createOpenAdmission, type OpenPolicy } from './open-admission.ts'
import { checkOpenToken, type OpenClaim, signOpenToken } from './open-token.ts'

const SECRET = 'a secret that only this relay knows'
const NOW = 1_700_000_000_000
const claimOf = (claim: Partial<OpenClaim> = {}): OpenClaim => ({
  scope: { kind: 'room', name: 'notes/today' },
  access: 'write',
  until: NOW / 1_000 + 60,
  ...claim
})
const refusal = (token: string, room = 'notes/today', now = NOW): string => {
  const access = checkOpenToken(SECRET, token, room, now)
  return access.ok ? access.value : access.error
}

describe('tokens of open rooms', () => {
  test('[OR23] what was signed opens its room, for what it says and for as long', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
        fc.constantFrom('read' as const, 'write' as const),
        fc.nat({ max: 1e9 }),
        fc.nat({ max: 2e12 }),
        (name, access, until, now) => {
          const token = signOpenToken(SECRET, { scope: { kind: 'room', name }, access, until })
          expect(refusal(token, name, now)).toBe(now < until * 1_000 ? access : 'expired')
          if (now < until * 1_000) expect(refusal(token, `${name}.`, now)).toBe('another-room')
        }
      )
    )
  })

  test('[OR23] a prefix opens what begins with it and nothing else', () => {
    const token = signOpenToken(SECRET, claimOf({ scope: { kind: 'prefix', name: 'notes/' }, access: 'read' }))
    expect(refusal(token, 'notes/')).toBe('read')
    expect(refusal(token, 'notes/2026/may')).toBe('read')
    for (const room of ['notes', 'note', 'Notes/today', 'other', '']) expect(refusal(token, room)).toBe('another-room')
    // A star in a room's own name is a letter like any other.
    const star = signOpenToken(SECRET, claimOf({ scope: { kind: 'room', name: 'notes/*' } }))
    expect(refusal(star, 'notes/*')).toBe('write')
    expect(refusal(star, 'notes/today')).toBe('another-room')
  })

  test('[OR23] one changed character is refused, wherever it stands', () => {
    const token = signOpenToken(SECRET, claimOf())
    fc.assert(
      fc.property(fc.nat({ max: token.length - 1 }), fc.string({ minLength: 0, maxLength: 2 }), (at, text) => {
        const forged = token.slice(0, at) + text + token.slice(at + 1)
        fc.pre(forged !== token)
        expect(refusal(forged)).toBe('not-a-token')
      })
    )
  })

  test('[OR23] another secret, another form, and a payload that is none are refused', () => {
    const payload = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    expect(refusal(signOpenToken('another secret', claimOf()))).toBe('not-a-token')
    const good = signOpenToken(SECRET, claimOf())
    for (const wrong of [
      '',
      '.',
      '..',
      good.split('.')[0] ?? '',
      `${good}.`,
      `${good}=`,
      ` ${good}`,
      'a'.repeat(9_999)
    ]) {
      expect(refusal(wrong)).toBe('not-a-token')
    }
    // Signed, yet no claim: what a later version might write.
    const claims = [null, 5, {}, { room: 'notes/today' }, { room: 'notes/today', access: 'admin', until: 9e9 }]
    const both = { room: 'notes/today', prefix: '', access: 'write', until: 9e9 }
    for (const claim of [...claims, both, { room: 5, access: 'read', until: 9e9 }]) {
      const text = payload(claim)
      const signed = signedAs(text)
      expect(refusal(signed)).toBe('not-a-token')
    }
    // Never a number: it never ends.
    expect(refusal(signedAs(payload({ room: 'notes/today', access: 'read', until: 'later' })))).toBe('not-a-token')
  })
})

/** A token of this secret over any payload: the signer signs claims only. */
const signedAs = (payload: string): string =>
  `${payload}.${createHmac('sha256', SECRET).update(payload).digest('base64url')}`

describe('who may enter an open room', () => {
  const enter = (policy: OpenPolicy, visitor: { token?: string; origin?: string } = {}, room = 'notes/today') =>
    createOpenAdmission({
      policy,
      secret: SECRET,
      isAllowedOrigin: (origin) => origin === 'https://own.example',
      now: () => NOW
    })(room, { token: visitor.token, origin: visitor.origin })
  const token = signOpenToken(SECRET, claimOf())
  const refused = { refused: expect.any(String) }

  test('[OR23] the policy decides about those without a token', () => {
    expect(enter('open')).toBe('write')
    expect(enter('read')).toBe('read')
    expect(enter('token')).toEqual(refused)
    expect(enter('off')).toEqual(refused)
    expect(enter('open', { token: '' })).toBe('write')
  })

  test('[OR23] a token opens what the policy does not, and a wrong one is said to be wrong', () => {
    for (const policy of ['open', 'read', 'token'] as const) {
      expect(enter(policy, { token })).toBe('write')
      expect(enter(policy, { token: `${token}x` })).toEqual({ refused: 'the token is not one of this relay' })
    }
    expect(enter('off', { token })).toEqual(refused)
    expect(enter('token', { token }, 'another')).toEqual({ refused: 'the token is for another room' })
  })

  test('[FI13] the field is read without a token wherever there are open rooms, by programs and by pages that may connect', () => {
    for (const policy of ['open', 'read', 'token'] as const) {
      expect(enter(policy, {}, 'field/2026-11')).toBe('read')
      expect(enter(policy, { origin: 'https://own.example' }, 'field/2026-11')).toBe('read')
      expect(enter(policy, { origin: 'https://evil.example' }, 'field/2026-11')).toEqual(refused)
    }
    expect(enter('off', { origin: 'https://own.example' }, 'field/2026-11')).toEqual(refused)
    expect(enter('token', {}, 'fields')).toEqual(refused)
  })

  test('[OR23] a page from elsewhere needs a token, a program does not', () => {
    expect(enter('open', { origin: 'https://own.example' })).toBe('write')
    expect(enter('open', { origin: 'https://evil.example' })).toEqual(refused)
    expect(enter('open', { origin: 'null' })).toEqual(refused)
    expect(enter('open', { origin: 'https://evil.example', token })).toBe('write')
  })
})
