import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Beat, createPulse } from './pulse.ts'

interface Line extends Beat {
  readonly id: number
  pings: number
  deadline: number
}

const ROUND = 5

const rig = () => {
  let run = (): void => {}
  const lost: number[] = []
  const watched: number[] = []
  const pulse = createPulse<Line>(
    ROUND,
    (_, next) => {
      run = next
      return () => {
        run = () => {}
      }
    },
    {
      lost(line) {
        lost.push(line.id)
        pulse.remove(line)
      },
      ping(line) {
        line.pings++
      },
      watch(line, now) {
        watched.push(line.id)
        return now < line.deadline
      },
      second() {}
    }
  )
  const line = (id: number): Line => ({ id, pings: 0, deadline: 0, isHeard: true, slot: 0, place: 0 })
  return { pulse, lost, watched, line, second: () => run() }
}

test('[WS13] whoever comes and goes, each socket that is there is pinged once a round, and nobody else', () => {
  const step = fc.oneof(
    fc.constant({ kind: 'add' as const }),
    fc.record({ kind: fc.constant('remove' as const), which: fc.nat(30) }),
    fc.constant({ kind: 'round' as const })
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { pulse, lost, line, second } = rig()
      const there: Line[] = []
      let nextId = 0
      for (const each of steps) {
        if (each.kind === 'add') {
          const added = line(nextId++)
          there.push(added)
          pulse.add(added)
        } else if (each.kind === 'remove') {
          const [removed] = there.splice(each.which % Math.max(1, there.length), 1)
          if (removed !== undefined) {
            pulse.remove(removed)
            removed.pings = Number.NaN
          }
        } else {
          for (const present of there) {
            present.pings = 0
            present.isHeard = true
          }
          for (let i = 0; i < ROUND; i++) second()
          expect(there.map(({ pings }) => pings)).toEqual(there.map(() => 1))
        }
      }
      expect(lost).toEqual([])
    })
  )
})

test('[WS13] who is not heard of for a whole round is lost', () => {
  const { pulse, lost, line, second } = rig()
  const lines = [1, 2, 3, 4, 5, 6, 7].map(line)
  for (const each of lines) pulse.add(each)
  for (let i = 0; i < ROUND; i++) second()
  for (const each of lines) if (each.id % 2 === 0) each.isHeard = true
  for (let i = 0; i < ROUND; i++) second()
  expect(lost.toSorted()).toEqual([1, 3, 5, 7])
})

test('[WS12] who has a deadline is looked at each second until it has none', () => {
  const { pulse, watched, line, second } = rig()
  const [short, long] = [line(1), line(2)]
  for (const each of [short, long]) pulse.add(each)
  short.deadline = 2
  long.deadline = 4
  pulse.watch(short)
  pulse.watch(long)
  for (let i = 0; i < 3; i++) second()
  pulse.remove(long)
  for (let i = 0; i < 3; i++) second()
  expect(watched).toEqual([1, 2, 1, 2, 2])
})
