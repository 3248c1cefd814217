import { expect, test } from 'vitest'
import type { SyncStatus } from '#app/sync/status.ts'
import { voucherAnswer } from './voucher-answer.ts'

const refusedUntil = (until: number): SyncStatus => ({ kind: 'waiting', waiting: 1, why: 'relay-refused', until })
const sent = { kind: 'sent', before: refusedUntil(1_000) } as const

test('nothing is said before a word was given', () => {
  expect(voucherAnswer(null, refusedUntil(1_000))).toBeNull()
})

test('a word is on its way as long as the refusal is the one from before', () => {
  expect(voucherAnswer(sent, refusedUntil(1_000))).toBe('asking')
  expect(voucherAnswer(sent, { kind: 'connecting', waiting: 1 })).toBe('asking')
})

test('a relay that refuses anew did not take the word', () => {
  expect(voucherAnswer(sent, refusedUntil(2_000))).toBe('not-taken')
})

test('where the status itself says what happened, nothing is added', () => {
  expect(voucherAnswer(sent, { kind: 'live', waiting: 0, safety: 'relay' })).toBeNull()
  expect(voucherAnswer(sent, { kind: 'waiting', waiting: 1, why: 'relay-not-reached', until: 2_000 })).toBeNull()
})

test('a word that never left is told by its reason', () => {
  expect(voucherAnswer({ kind: 'not-sent', why: 'not-kept' }, refusedUntil(1_000))).toBe('not-kept')
  expect(voucherAnswer({ kind: 'not-sent', why: 'no-relay' }, refusedUntil(1_000))).toBe('no-relay')
})
