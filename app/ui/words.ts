import { i18n } from '@lingui/core'
import type { Breath, SessionPlan } from '#core/breath.ts'
import { language, t } from './i18n.ts'

/** Added to the id of a pattern whose holds were taken out. */
export const SOFT = '~soft'

/** What a built-in pattern is called; own ones carry the person's name for them. One of a later version is "A breath". */
export const patternName = ({ id, name }: { readonly id: string; readonly name: string }): string => {
  const base = id.replace(SOFT, '')
  const known =
    name === '' && !(`pattern.${base}` in i18n.messages) ? t('pattern.unknown') : name || t(`pattern.${base}`)
  return id.endsWith(SOFT) ? t('pattern.soft', { name: known }) : known
}

/** Making a formatter takes a hundred times as long as using it, and a page of the journal shows a hundred days and times. */
const keep = <Format, Options>(make: (language: string, options: Options) => Format) => {
  const made = new Map<string, Format>()
  return (options: Options): Format => {
    const key = `${language()} ${JSON.stringify(options)}`
    const format = made.get(key) ?? make(language(), options)
    made.set(key, format)
    return format
  }
}
const dates = keep((tag: string, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, options))
const numbers = keep((tag: string, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(tag, options))

const seconds = (value: number): string => numbers({ maximumFractionDigits: 1 }).format(value)

/** "4 in · 6 out": the phases that last, in order. */
export const breathFigure = (breath: Breath): string => {
  if (breath.kind !== 'paced') return t(breath.kind === 'free' ? 'figure.free' : 'figure.silent')
  const { seconds: phases } = breath
  return (['in', 'sip', 'hold', 'out', 'rest'] as const)
    .filter((kind) => phases[kind] > 0)
    .map((kind) => t(`figure.${kind}`, { seconds: seconds(phases[kind]) }))
    .join(' · ')
}

export const planWords = (plan: SessionPlan): string => {
  if (plan.kind === 'minutes') return t('plan.minutes', { count: plan.minutes })
  return plan.kind === 'cycles' ? t('plan.cycles', { count: plan.cycles }) : t('plan.open')
}

/** Minutes as a person says them: never 0 for something that happened. */
export const practisedWords = (ms: number): string =>
  ms < 60_000
    ? t('time.seconds', { count: Math.max(1, Math.round(ms / 1000)) })
    : t('time.minutes', { count: Math.round(ms / 60_000) })

const asDate = (day: string): Date => new Date(`${day}T12:00:00Z`)

/** "Saturday 21 November"; the year only when it is not this one. @param day YYYY-MM-DD */
export const dayWords = (day: string, today: string): string =>
  dates({
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(day.slice(0, 4) === today.slice(0, 4) ? {} : { year: 'numeric' }),
    timeZone: 'UTC'
  }).format(asDate(day))

export const monthWords = (month: string): string =>
  dates({ month: 'long', year: 'numeric', timeZone: 'UTC' }).format(asDate(`${month}-01`))

/** Monday first: 2024-01-01 was one. */
export const weekdayWords = (style: 'narrow' | 'long'): readonly string[] =>
  [1, 2, 3, 4, 5, 6, 7].map((date) =>
    dates({ weekday: style, timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, date)))
  )

/** The wall clock where it happened, wherever the reader is now. */
export const clockWords = (moment: { readonly utcMs: number; readonly offsetMinutes: number }): string =>
  dates({ hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).format(
    new Date(moment.utcMs + moment.offsetMinutes * 60_000)
  )

/** In the zone the device is in now, which may change while the page is open: a formatter would keep the one it was made in. */
export const moment = (epochMs: number): string =>
  new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(epochMs))

/** Within today the clock is enough. */
export const recently = (epochMs: number, nowMs: number): string => {
  const [then, now] = [new Date(epochMs), new Date(nowMs)]
  return then.toDateString() === now.toDateString()
    ? new Intl.DateTimeFormat(language(), { timeStyle: 'short' }).format(then)
    : moment(epochMs)
}

export const bytesWords = (bytes: number): string =>
  numbers({
    style: 'unit',
    unit: bytes < 1e6 ? 'kilobyte' : 'megabyte',
    maximumFractionDigits: bytes < 1e7 && bytes >= 1e6 ? 1 : 0
  }).format(bytes < 1e6 ? bytes / 1e3 : bytes / 1e6)

export const share = (value: number): string => numbers({ style: 'percent' }).format(value)
