import { expect, test } from 'vitest'
import { joinFacts } from '#app/sync/facts.ts'
import type { SyncFacts, SyncStatus } from '#app/sync/status.ts'
import type { KeepState } from './ports.ts'
import { tellSafety } from './safety.ts'

const ready: KeepState = { kind: 'ready' }
const facts = (status: SyncStatus): SyncFacts => ({
  status,
  relay: 'relay.example.org',
  relays: [{ relay: 'relay.example.org', status, lastAck: null, reached: null, key: null }],
  live: null,
  lastAck: null,
  spokenByAnotherTab: false,
  otherDevices: null,
  notices: []
})

test('the relay is named only once it has acknowledged everything', () => {
  const told = tellSafety(ready, 0, facts({ kind: 'live', waiting: 1, safety: 'relay' }))
  expect(told).toMatchObject({ flame: 'waiting', where: { id: 'safety.waiting', values: { count: 1 } } })
  expect(tellSafety(ready, 0, facts({ kind: 'live', waiting: 0, safety: 'relay' })).where.id).toBe('safety.on-relay')
})

test.each([
  ['this-device', 'safety.on-device'],
  ['relay', 'safety.on-relay'],
  ['replica', 'safety.on-replica'],
  ['other-device', 'safety.on-other']
] as const)('%s is said as %s', (safety, id) => {
  expect(tellSafety(ready, 0, facts({ kind: 'live', waiting: 0, safety })).where.id).toBe(id)
})

const several = (...parts: readonly (readonly [relay: string, key: string | null, status: SyncStatus])[]): SyncFacts =>
  joinFacts(
    parts.map(([relay, key, status]) => ({ relay, key, status, lastAck: null, reached: null })),
    [],
    null
  )

const whole: SyncStatus = { kind: 'live', waiting: 0, safety: 'relay' }
const away: SyncStatus = { kind: 'waiting', waiting: 2, why: 'relay-not-reached', until: null }

test('[DV30] of several relays the badge says how many have everything, and only those', () => {
  const both = tellSafety(ready, 0, several(['a', 'ka', whole], ['b', 'kb', whole]))
  expect(both).toEqual({ flame: 'steady', where: { id: 'safety.on-relays', values: { held: 2, of: 2 } }, why: null })
  const one = tellSafety(ready, 0, several(['a', 'ka', away], ['b', 'kb', whole]))
  expect(one).toEqual({
    flame: 'waiting',
    where: { id: 'safety.on-some', values: { held: 1, of: 2 } },
    why: 'safety.why.some'
  })
  const none = tellSafety(ready, 0, several(['a', 'ka', away], ['b', null, away]))
  expect(none).toMatchObject({
    where: { id: 'safety.waiting-several', values: { count: 2 } },
    why: 'safety.why.none-reached'
  })
  const full: SyncStatus = { ...away, waiting: 3, why: 'relay-full' }
  const oneAnswers = tellSafety(ready, 0, several(['a', 'ka', full], ['b', 'kb', { ...away, waiting: 1 }]))
  expect(oneAnswers, 'the one that lacks least speaks').toMatchObject({
    where: { values: { count: 1 } },
    why: 'safety.why.not-reached'
  })
  const held = tellSafety(ready, 0, several(['a', 'ka', { ...whole, safety: 'other-device' }], ['b', 'kb', away]))
  expect(held.where.id).toBe('safety.on-some-other')
})

test('[DV30] two addresses of one relay are one relay', () => {
  expect(tellSafety(ready, 0, several(['a', 'key', whole], ['b', 'key', whole])).where.id).toBe('safety.on-relay')
  expect(several(['a', 'key', whole], ['b', 'key', whole]).status).toMatchObject({ safety: 'relay' })
  expect(several(['a', 'ka', whole], ['b', 'kb', whole]).status).toMatchObject({ safety: 'replica' })
})

test('what is not on this disk yet is said before anything a relay holds', () => {
  const told = tellSafety(ready, 2, facts({ kind: 'live', waiting: 0, safety: 'other-device' }))
  expect(told).toMatchObject({ flame: 'trouble', where: { id: 'safety.unsaved', values: { count: 2 } } })
})

test('a full disk is said before everything', () => {
  expect(tellSafety({ kind: 'quota' }, 2, facts({ kind: 'connecting', waiting: 0 })).where.id).toBe('keep.quota.short')
})

test('a relay that was not reached leaves things on this device, and says why', () => {
  const told = tellSafety(ready, 0, facts({ kind: 'waiting', waiting: 0, why: 'relay-not-reached', until: null }))
  expect(told).toEqual({ flame: 'waiting', where: { id: 'safety.none-waiting' }, why: 'safety.why.not-reached' })
})

test('an erased journal is never called safe', () => {
  expect(tellSafety(ready, 0, facts({ kind: 'erased', at: null }))).toMatchObject({
    flame: 'trouble',
    where: { id: 'safety.erased' }
  })
})
