import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fieldMonthAt, fieldMonthBefore, parseAnswer, parseReport } from './field.ts'
import { addHours, hourKey, lastDays, lastHours, parseNowPartial, peopleNow, summarise } from './field-counts.ts'

const NOON = Date.UTC(2026, 10, 21, 12) / 1_000

test('[FI2] what relays counted is added for one and the same second, the newest that all have told', () => {
  const ahead = { second: NOON, people: [3, 2, 1] }
  const behind = { second: NOON - 5, people: [10, 20, 30] }
  expect(peopleNow([ahead, behind], NOON + 4)).toEqual({ second: NOON - 5, people: 12 })
  expect(peopleNow([ahead], NOON + 4)).toEqual({ second: NOON, people: 3 })
  // Another relay may have begun to tell within the last seconds.
  expect(peopleNow([ahead], NOON + 2)).toEqual({ second: NOON - 5, people: 2 })
  expect(peopleNow([], NOON)).toEqual({ second: NOON, people: 0 })
})

test('[FI3] a run that told nothing for half a minute counts no more, nor one whose clock is far ahead', () => {
  expect(peopleNow([{ second: NOON, people: Array(9).fill(3) }], NOON + 29).people).toBe(3)
  expect(peopleNow([{ second: NOON, people: Array(9).fill(3) }], NOON + 30).people).toBe(0)
  expect(peopleNow([{ second: NOON + 3_600, people: Array(9).fill(3) }], NOON).people).toBe(0)
})

test('[FI4] hours add up by run, days by the calendar of the reader, and what cannot be read counts nothing', () => {
  const hour = NOON / 3_600
  const sums = addHours(
    [
      [hourKey(hour, 'a'), 60],
      [hourKey(hour, 'b'), 6],
      [hourKey(hour - 1, 'a'), 600],
      ['nonsense', 1],
      [`${hour}/`, 1],
      [hourKey(hour, 'c'), -1],
      [hourKey(hour, 'd'), '7']
    ],
    [[hourKey(hour - 13, 'a'), 5]]
  )
  expect(lastHours(sums, NOON, 3).map(({ peopleSeconds }) => peopleSeconds)).toEqual([0, 600, 66])
  expect(lastDays(sums, NOON, 0, 2)).toEqual([
    { day: '2026-11-20', peopleSeconds: 5 },
    { day: '2026-11-21', peopleSeconds: 666 }
  ])
  expect(lastDays(sums, NOON, 120, 2).map(({ peopleSeconds }) => peopleSeconds)).toEqual([0, 671])
  const summary = summarise([], sums, NOON)
  expect(summary.hours.at(-1)).toEqual({ from: '2026-11-21T12:00Z', peopleSeconds: 66 })
  expect([summary.hours.length, summary.days.length]).toEqual([24, 30])
})

test('[FI4] whatever stands in the document, reading it does not throw', () => {
  fc.assert(
    fc.property(fc.array(fc.anything()), fc.dictionary(fc.string(), fc.anything()), (now, hours) => {
      const { people } = peopleNow(
        now.flatMap((value) => parseNowPartial(value) ?? []),
        NOON
      )
      expect(Number.isSafeInteger(people) && people >= 0).toBe(true)
      addHours(Object.entries(hours))
    })
  )
  expect(parseNowPartial([NOON, 1, 2])).toEqual({ second: NOON, people: [1, 2] })
  for (const wrong of [[NOON], [NOON + 1, 1], [NOON, -1], [NOON, 0.5], [NOON, '1'], Array(100).fill(5), null]) {
    expect(parseNowPartial(wrong)).toBeUndefined()
  }
})

test('[FI1] months are of UTC, and roll over', () => {
  expect(fieldMonthAt(Date.UTC(2026, 11, 31, 23, 59, 59) / 1_000)).toBe('2026-12')
  expect(fieldMonthAt(Date.UTC(2027, 0, 1) / 1_000)).toBe('2027-01')
  expect(['2027-01', '2026-12', '2026-10'].map((month) => fieldMonthBefore(month as never))).toEqual([
    '2026-12',
    '2026-11',
    '2026-09'
  ])
})

test('[FI5] a claim is a random id and seconds, and nothing longer or other', () => {
  const id = 'AAAAAAAAAAAAAAAAAAAAAA'
  const claim = { id, from: NOON, to: NOON + 10 }
  expect(parseReport({ field: claim })).toEqual(claim)
  expect(parseReport({ field: { ...claim, name: 'Alice' } })).toEqual(claim)
  expect(parseReport({ field: 'when' })).toBe('when')
  for (const wrong of [
    null,
    'when',
    {},
    { field: { ...claim, to: NOON + 16 } },
    { field: { ...claim, to: NOON } },
    { field: { ...claim, id: 'alice' } },
    { field: { ...claim, id: 'a b'.repeat(8) } },
    { field: { ...claim, from: 1.5 } }
  ]) {
    expect(parseReport(wrong)).toBeUndefined()
  }
  expect([parseAnswer({ field: { at: 5 } }), parseAnswer({ field: 'when' }), parseAnswer(undefined)]).toEqual([
    5,
    undefined,
    undefined
  ])
})
