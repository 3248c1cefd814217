import { expect, test } from 'vitest'
import { answerState, type FieldReport } from '#core/field.ts'
import { createScheduler } from '#testing/scheduler.ts'
import { nextClaim } from './open-room-claims.ts'
import { createReporter } from './open-room-reporter.ts'

/** Relay time when the test begins, seconds. */
const T = 1_800_000_000

const openScene = ({ claimedUntil = 0, answersAfterMs = 40 } = {}) => {
  const scheduler = createScheduler()
  const said: (FieldReport | null)[] = []
  let isConnected = false
  let until = claimedUntil
  let made = 0
  const relayMs = (): number => T * 1_000 + scheduler.now()
  const reporter = createReporter({
    room: {
      isConnected: () => isConnected,
      say(state) {
        if (isConnected) said.push(state === null ? null : state.field)
        if (state === null || !isConnected) return
        const readAt = answersAfterMs / 2
        scheduler.after(readAt, '', () => {
          const answer = answerState(relayMs())
          scheduler.after(readAt, '', () => isConnected && reporter.heard(answer))
        })
      }
    },
    mono: () => 777 + scheduler.now(),
    setTimer: (ms, fire) => scheduler.after(ms, '', fire),
    newId: () => `practice ${++made}`,
    claimed: {
      until: () => until,
      keep: (next) => {
        until = next
      }
    },
    onTime() {}
  })
  return {
    reporter,
    run: (ms: number) => scheduler.runUntil(scheduler.now() + ms),
    claims: () =>
      said.flatMap((each) => (each === null || each === 'when' ? [] : [[each.id, each.from - T, each.to - T]])),
    said,
    connect() {
      isConnected = true
      reporter.connected()
    },
    disconnect() {
      isConnected = false
      reporter.disconnected()
    }
  }
}

test('[FI14] claims follow one another without a gap and without sharing a second', async () => {
  const { reporter, connect, run, claims, said } = openScene()
  reporter.practise(true)
  connect()
  await run(25_000)
  expect(claims()).toEqual([
    ['practice 1', 1, 11],
    ['practice 1', 11, 21],
    ['practice 1', 21, 31]
  ])
  reporter.practise(false)
  expect(said.at(-1)).toBeNull()
  await run(60_000)
  expect(claims()).toHaveLength(3)
})

test('[FI14] on another relay, in another practice or page, the next claim begins where the last one ended', async () => {
  const { reporter, connect, disconnect, run, claims } = openScene({ claimedUntil: T + 6 })
  reporter.practise(true)
  connect()
  await run(4_000)
  disconnect()
  await run(500)
  connect()
  await run(3_000)
  reporter.practise(false)
  reporter.practise(true)
  await run(20_000)
  expect(claims().map(([id, from]) => [id, from])).toEqual([
    ['practice 1', 6],
    ['practice 2', 16],
    ['practice 2', 26]
  ])
})

test('[FI8] who only looks asks for the time once and claims nothing', async () => {
  const { reporter, connect, run, said } = openScene()
  connect()
  expect(reporter.relayMs()).toBeNull()
  await run(60_000)
  expect(said).toEqual(['when', null])
  expect(reporter.relayMs()).toBe(T * 1_000 + 60_000)
  expect(reporter.isCounted(T + 60)).toBe(false)
})

test('[FI14] an answer that took too long does not tell the time', async () => {
  const { reporter, connect, run, claims, said } = openScene({ answersAfterMs: 9_000 })
  reporter.practise(true)
  connect()
  await run(20_000)
  expect(claims()).toEqual([])
  expect(said.length).toBeGreaterThan(1)
})

test('[FI14] a mark far ahead was made by a clock that nobody believes any more', () => {
  expect(nextClaim('a', T * 1_000, T + 61)).toEqual({ kind: 'claim', claim: { id: 'a', from: T + 1, to: T + 11 } })
  expect(nextClaim('a', T * 1_000, T + 20, T + 61)).toEqual({ kind: 'wait', ms: 17_000 })
})
