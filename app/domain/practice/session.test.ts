import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exhaleEndMs } from '#core/breath-cycle.ts'
import { IDLE, onSessionEvent, type Session, type SessionEvent, type Setup } from './session.ts'
import { setupOf } from './setup.fixture.ts'

const T = 1_000_000
const run = (setup: Setup, ...events: readonly SessionEvent[]): Session =>
  events.reduce(onSessionEvent, onSessionEvent(IDLE, { kind: 'begin', setup, nowMs: T }))
const tick = (at: number): SessionEvent => ({ kind: 'tick', nowMs: T + at })
const fiveMinutes = setupOf('4-6', { kind: 'minutes', minutes: 5 })

test('[BR17] from begin through count-in, running, reflecting to a record', () => {
  const setup = setupOf('4-6', { kind: 'cycles', cycles: 3 }, { countInMs: 3_000, before: 2 })
  expect(run(setup).kind).toBe('count-in')
  expect(run(setup, tick(2_999)).kind).toBe('count-in')
  expect(run(setup, tick(3_000)).kind).toBe('running')
  expect(run(setup, tick(32_999)).kind).toBe('running')
  const ended = run(setup, tick(33_000))
  expect(ended).toMatchObject({ kind: 'reflecting', outcome: { practisedMs: 30_000, cycles: 3, ending: 'planned' } })
  const done = [
    { kind: 'draft', change: { after: 4, line: 'light ', tags: ['Dawn', 'dawn'] } } as const,
    { kind: 'keep' } as const
  ].reduce(onSessionEvent, ended)
  expect(done).toMatchObject({
    kind: 'done',
    record: { day: '2026-11-21', year: 2026, before: 2, after: 4, line: 'light', tags: ['dawn'], cycles: 3 }
  })
})

test('[BR17] a tab that slept past the end ends at the end', () => {
  expect(run(fiveMinutes, tick(3_600_000))).toMatchObject({
    outcome: { practisedMs: 300_000, cycles: 30, ending: 'planned' }
  })
  const slept = run(fiveMinutes, { kind: 'pause', nowMs: T + 3_600_000 })
  expect(slept).toMatchObject({ kind: 'reflecting', outcome: { practisedMs: 300_000 } })
})

test('[BR5] finishing gently ends with the exhale, finishing now ends now, both as early', () => {
  const gentle = run(fiveMinutes, { kind: 'finish', how: 'exhale', nowMs: T + 12_000 })
  expect(gentle).toMatchObject({ kind: 'running', endMs: 20_000, ending: 'early' })
  expect(onSessionEvent(gentle, tick(25_000))).toMatchObject({
    outcome: { practisedMs: 20_000, cycles: 2, ending: 'early' }
  })
  expect(run(fiveMinutes, { kind: 'finish', how: 'now', nowMs: T + 12_000 })).toMatchObject({
    kind: 'reflecting',
    outcome: { practisedMs: 12_000, cycles: 1, ending: 'early' }
  })
  const lastBreath = run(fiveMinutes, { kind: 'finish', how: 'exhale', nowMs: T + 295_000 })
  expect(onSessionEvent(lastBreath, tick(300_000))).toMatchObject({ outcome: { ending: 'planned' } })
})

test('[BR5] finishing during the count-in leaves nothing behind', () => {
  const setup = setupOf('4-6', { kind: 'open' }, { countInMs: 5_000 })
  expect(run(setup, { kind: 'finish', how: 'exhale', nowMs: T + 2_000 })).toEqual(IDLE)
})

test('[BR6] pause and resume: the time between is not practised, and going on takes back a finish', () => {
  const resumed = run(
    fiveMinutes,
    { kind: 'finish', how: 'exhale', nowMs: T + 12_000 },
    { kind: 'pause', nowMs: T + 15_000 },
    tick(500_000),
    { kind: 'resume', nowMs: T + 600_000, countInMs: 3_000 }
  )
  expect(resumed).toMatchObject({ kind: 'count-in', endMs: 300_000, ending: 'planned' })
  // Breath time goes on at 10 s (second cycle) when the count-in is over: 290 s are left.
  expect(onSessionEvent(resumed, tick(603_000 + 289_999)).kind).toBe('running')
  expect(onSessionEvent(resumed, tick(603_000 + 290_000))).toMatchObject({
    outcome: { practisedMs: 305_000, cycles: 30 }
  })
})

test('[BR20] free breathing counts exhales and ends on one', () => {
  const edge = (kind: 'in' | 'out', at: number): SessionEvent => ({ kind: 'edge', edge: kind, nowMs: T + at })
  const free = setupOf('free', { kind: 'cycles', cycles: 2 })
  const twice = run(
    free,
    edge('in', 1_000),
    edge('out', 4_000),
    edge('in', 9_000),
    edge('in', 9_100),
    edge('out', 12_000)
  )
  expect(twice.kind).toBe('running')
  expect(onSessionEvent(twice, tick(17_999)).kind).toBe('running')
  expect(onSessionEvent(twice, tick(18_000))).toMatchObject({
    outcome: { cycles: 2, practisedMs: 18_000, ending: 'planned' }
  })
  const minute = setupOf('free', { kind: 'minutes', minutes: 1 })
  expect(run(minute, tick(60_000)).kind).toBe('reflecting')
  const inhaling = run(minute, edge('in', 58_000), tick(61_000))
  expect(inhaling.kind).toBe('running')
  expect([edge('out', 62_000), tick(68_000)].reduce(onSessionEvent, inhaling)).toMatchObject({
    outcome: { practisedMs: 68_000 }
  })
  const next = [edge('out', 62_000), edge('in', 66_000)].reduce(onSessionEvent, inhaling)
  expect(next).toMatchObject({ kind: 'reflecting', outcome: { practisedMs: 66_000, cycles: 1 } })
})

test('[BR17] whatever happens in whatever order, no more is recorded than passed, and a planned ending ends on an exhale', () => {
  const event: fc.Arbitrary<(nowMs: number) => SessionEvent> = fc.constantFrom(
    (nowMs: number): SessionEvent => ({ kind: 'tick', nowMs }),
    (nowMs: number): SessionEvent => ({ kind: 'pause', nowMs }),
    (nowMs: number): SessionEvent => ({ kind: 'resume', nowMs, countInMs: 2_000 }),
    (nowMs: number): SessionEvent => ({ kind: 'finish', how: 'exhale', nowMs }),
    (nowMs: number): SessionEvent => ({ kind: 'edge', edge: 'in', nowMs }),
    (nowMs: number): SessionEvent => ({ kind: 'edge', edge: 'out', nowMs })
  )
  const steps = fc.array(fc.record({ after: fc.nat(40_000), make: event }), { minLength: 1, maxLength: 30 })
  let planned = 0
  fc.assert(
    fc.property(fc.constantFrom('4-6', 'box', 'sigh', '4-7-8'), steps, (patternId, list) => {
      const setup = setupOf(patternId, { kind: 'minutes', minutes: 1 }, { countInMs: 1_000 })
      let nowMs = T
      let session = onSessionEvent(IDLE, { kind: 'begin', setup, nowMs })
      for (const { after, make } of list) {
        nowMs += after
        session = onSessionEvent(session, make(nowMs))
      }
      if (session.kind !== 'reflecting') return
      expect(session.outcome.practisedMs).toBeLessThanOrEqual(nowMs - T)
      if (session.outcome.ending !== 'planned' || setup.pattern.breath.kind !== 'paced') return
      planned++
      expect(exhaleEndMs(setup.pattern.breath, session.outcome.cycles - 1)).toBeGreaterThanOrEqual(60_000)
    }),
    { numRuns: 500 }
  )
  expect(planned).toBeGreaterThan(10)
})
