import { bytesToBase64Url } from '#core/bytes.ts'
import { type FieldMonth, FRESH_SECONDS, fieldMonthAt, fieldMonthBefore } from '#core/field.ts'
import { addHours, type FieldSummary, parseNowPartial, summarise } from '#core/field-counts.ts'
import { createCounts, lastGrid } from './counts.ts'
import { createMonths } from './months.ts'
import type { Field, FieldOptions } from './ports.ts'
import { createReports } from './reports.ts'
import { createTally } from './tally.ts'

/** Sums of hours are written so often: what a crash loses of the history is younger than this. */
const HOUSEKEEPING_SECONDS = 20
/** Partials of runs that ended so long ago are cleared away. They count for nothing long before. */
const DEAD_SECONDS = 10 * FRESH_SECONDS
const SUMMARY_WITHIN_MS = 2_000

/** Sleeps while nobody reports and nobody asks: an idle relay holds no document and no timer for it. */
export const createField = (options: FieldOptions): Field => {
  const { clock } = options
  // A run's name is new with every start: what another run wrote is never written again, so nothing is counted twice.
  const months = createMonths(options, bytesToBase64Url(options.random(9)))
  const tally = createTally()
  const counts = createCounts()
  const reports = createReports(options, tally)
  let publishedGrid = 0
  let publishedIn: FieldMonth | undefined
  let housekeptAt = 0
  let isTicking = false
  let isStopped = false
  let asked: { readonly second: number; readonly answer: Promise<FieldSummary | undefined> } | undefined

  const secondNow = (): number => Math.floor(clock.now() / 1_000)

  const count = (second: number): void => {
    for (const { second: at, people } of tally.close(second)) counts.add(at, people)
  }

  const takeBack = (): void => {
    if (publishedIn !== undefined) months.setNow(publishedIn, undefined)
    publishedIn = undefined
  }

  const publishNow = (second: number): void => {
    const grid = lastGrid(second)
    if (grid <= publishedGrid) return
    const people = counts.now(second)
    const month = fieldMonthAt(grid)
    if (people !== undefined && !months.need(month, second)) return
    publishedGrid = grid
    if (people === undefined || publishedIn !== month) takeBack()
    if (people === undefined) return
    months.setNow(month, people)
    publishedIn = month
  }

  const publishHours = (second: number): void => {
    const isHere = (hour: number): boolean => months.need(fieldMonthAt(hour * 3_600), second)
    for (const { hour, peopleSeconds } of counts.takeHours(second, isHere)) {
      months.setHour(fieldMonthAt(hour * 3_600), hour, peopleSeconds)
    }
  }

  const tick = (): void => {
    isTicking = false
    if (isStopped) return
    const second = secondNow()
    count(second)
    reports.sweep(second)
    publishNow(second)
    if (Math.abs(second - housekeptAt) >= HOUSEKEEPING_SECONDS) {
      housekeptAt = second
      publishHours(second)
      months.clearDead(second, DEAD_SECONDS)
      months.letGo(second, publishedIn)
    }
    keepTicking()
  }

  const keepTicking = (): void => {
    const isAsleep = months.size() === 0 && tally.size() === 0 && !counts.isWaiting()
    if (isTicking || isStopped || isAsleep) return
    isTicking = true
    // At the turn of the second, when the one before is whole.
    clock.after(1_000 - (clock.now() % 1_000), tick)
  }

  const summarised = async (second: number): Promise<FieldSummary | undefined> => {
    if (isStopped) return undefined
    const month = fieldMonthAt(second)
    const wanted = [month, fieldMonthBefore(month)]
    for (const each of wanted) months.need(each, second)
    keepTicking()
    if (!(await months.synced(wanted, SUMMARY_WITHIN_MS))) return undefined
    const partials = months.nowEntries().flatMap((value) => parseNowPartial(value) ?? [])
    return summarise(partials, addHours(months.hourEntries()), secondNow())
  }

  return {
    report(report) {
      if (isStopped) return undefined
      const answer = reports.hear(report)
      if (answer === undefined) return undefined
      const second = secondNow()
      months.need(fieldMonthAt(second), second)
      keepTicking()
      return answer
    },
    summary() {
      const second = secondNow()
      // However many ask, it is made once a second.
      if (asked?.second !== second) asked = { second, answer: summarised(second) }
      return asked.answer
    },
    stop() {
      if (isStopped) return
      isStopped = true
      const second = secondNow()
      count(second)
      if (publishedIn !== undefined) months.setNow(publishedIn, counts.last(second))
      publishHours(second)
      months.close()
    }
  }
}
