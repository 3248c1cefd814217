import { expect, test } from 'vitest'
import { checkpointDue, checkpointOf, parseCheckpoint, recover } from './checkpoint.ts'
import { IDLE, onSessionEvent, type Session, type SessionEvent } from './session.ts'
import { setupOf } from './setup.fixture.ts'

const T = 1_000_000
const after = (...events: readonly SessionEvent[]): Session =>
  events.reduce(
    onSessionEvent,
    onSessionEvent(IDLE, { kind: 'begin', setup: setupOf('4-6', { kind: 'minutes', minutes: 5 }), nowMs: T })
  )
const running = after({ kind: 'tick', nowMs: T + 47_000 })
const throughStorage = (session: Session, at: number) => parseCheckpoint(structuredClone(checkpointOf(session, at)))

test('[BR18] a running practice that was cut short is offered, as far as it was seen', () => {
  const found = recover(throughStorage(running, T + 47_000), T + 100_000)
  expect(found).toMatchObject({
    kind: 'offer',
    session: { kind: 'paused' },
    asFar: { practisedMs: 47_000, cycles: 4, ending: 'interrupted' }
  })
  if (found.kind !== 'offer') throw new Error('unreachable')
  const resumed = onSessionEvent(found.session, { kind: 'resume', nowMs: T + 100_000, countInMs: 0 })
  expect(onSessionEvent(resumed, { kind: 'tick', nowMs: T + 100_000 + 260_000 })).toMatchObject({
    kind: 'reflecting',
    outcome: { practisedMs: 307_000, cycles: 30, ending: 'planned' }
  })
})

test('[BR18] after an hour it is kept as far as it went', () => {
  const found = recover(throughStorage(running, T + 47_000), T + 47_001 + 3_600_000)
  expect(found).toMatchObject({ kind: 'keep', record: { practisedMs: 47_000, ending: 'interrupted' } })
})

test('[BR18] a reflection that was cut short keeps practice and draft', () => {
  const reflecting = after({ kind: 'tick', nowMs: T + 400_000 }, { kind: 'draft', change: { line: 'half a sent' } })
  expect(recover(throughStorage(reflecting, T + 400_000), T + 401_000)).toMatchObject({
    kind: 'offer',
    session: { kind: 'reflecting', draft: { line: 'half a sent' } },
    asFar: { practisedMs: 300_000, ending: 'planned', line: 'half a sent' }
  })
})

test('[BR18] a record that did not reach the journal is kept', () => {
  const done = after({ kind: 'tick', nowMs: T + 400_000 }, { kind: 'keep' })
  expect(recover(throughStorage(done, T + 400_000), T + 400_001)).toMatchObject({
    kind: 'keep',
    record: { id: 'record-1' }
  })
})

test('[BR18] nothing practised, nothing found, or nothing this version wrote: nothing', () => {
  const counting = onSessionEvent(IDLE, {
    kind: 'begin',
    setup: setupOf('4-6', { kind: 'open' }, { countInMs: 5_000 }),
    nowMs: T
  })
  expect(recover(throughStorage(counting, T + 3_000), T + 4_000)).toEqual({ kind: 'nothing' })
  expect(recover(null, T)).toEqual({ kind: 'nothing' })
  expect(checkpointOf(IDLE, T)).toBeNull()
  for (const value of [
    undefined,
    7,
    { version: 2, seenMs: 1, session: running },
    { version: 1, seenMs: 1, session: { kind: 'idle' } }
  ]) {
    expect(parseCheckpoint(value)).toBeNull()
  }
})

test('[BR18] it is written at each change and each few seconds of breathing', () => {
  const last = checkpointOf(running, T + 47_000)
  expect(checkpointDue(null, running, T)).toBe(true)
  expect(checkpointDue(null, IDLE, T)).toBe(false)
  expect(checkpointDue(last, running, T + 49_999)).toBe(false)
  expect(checkpointDue(last, running, T + 50_000)).toBe(true)
  expect(checkpointDue(last, onSessionEvent(running, { kind: 'pause', nowMs: T + 47_500 }), T + 47_500)).toBe(true)
})
