import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SealedRow } from '#app/store/ports.ts'
import type { RootId } from '#core/ids.ts'
import { factsOf } from './facts.ts'
import { answerTo, anyEvent, anyRow, HAPPY } from './session.arbitrary.ts'
import { onEvent } from './session.ts'
import { type SessionState, startState } from './session-state.ts'
import type { Effect, SessionEvent } from './session-words.ts'

const moment = (now: number, random: number) => ({ now, random })

test('[DV27] frames in any order, repeated or senseless, never make a session break its word', () => {
  let pushed = 0
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyEvent, fc.nat(20), fc.array(anyRow, { maxLength: 3 })), { maxLength: 120 }),
      (story) => {
        let state: SessionState = startState('root'.padEnd(22, 'x') as RootId)
        let now = 0
        const run = (event: SessionEvent, choice: number, rows: readonly SealedRow[], depth: number): void => {
          const next = onEvent(state, event, moment(now, (choice % 7) / 7))
          state = next.state
          for (const effect of next.effects) {
            check(effect)
            // A log answers each question once; a test must not answer for ever.
            const answer = depth < 12 ? answerTo(effect, choice + depth, rows) : undefined
            if (answer !== undefined) run(answer, choice + 1, rows, depth + 1)
          }
        }
        const check = (effect: Effect): void => {
          if (effect.type === 'push') {
            pushed += 1
            const doc = state.docs.get(effect.doc)
            // Nothing is sent to a relay that was not read to its end, nor while it is compared.
            expect(doc).toMatchObject({ stage: 'live', check: null })
            expect(doc?.push?.ref).toBe(effect.ref)
            expect(effect.rows.some((row) => doc?.acked.has(row.counter))).toBe(false)
          }
          if (effect.type === 'send' && (effect.frame.type === 'pull' || effect.frame.type === 'snap'))
            expect(state.phase).toBe('ready')
          if (effect.type === 'set-timer') expect(effect.ms).toBeGreaterThanOrEqual(0)
        }
        for (const [event, choice, rows] of story) {
          now += 1_000
          run(event, choice, rows, 0)
          const { status } = factsOf(state, 'relay')
          if (status.kind === 'live') for (const doc of state.docs.values()) expect(doc.stage).toBe('live')
          if (state.phase !== 'ready') expect([...state.docs.values()].every((doc) => doc.push === null)).toBe(true)
        }
      }
    ),
    { numRuns: 400, seed: 27, examples: [[HAPPY]] }
  )
  expect(pushed).toBeGreaterThan(0)
})

test('[DV27] the same events make the same session', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      const play = (): readonly Effect[] => {
        let state = startState('root'.padEnd(22, 'x') as RootId)
        return events.flatMap((event) => {
          const next = onEvent(state, event, moment(5, 0.5))
          state = next.state
          return next.effects
        })
      }
      expect(play()).toEqual(play())
    })
  )
})
