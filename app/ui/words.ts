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

const seconds = (value: number): string => new Intl.NumberFormat(language(), { maximumFractionDigits: 1 }).format(value)

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
  new Intl.DateTimeFormat(language(), {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(day.slice(0, 4) === today.slice(0, 4) ? {} : { year: 'numeric' }),
    timeZone: 'UTC'
  }).format(asDate(day))

export const monthWords = (month: string): string =>
  new Intl.DateTimeFormat(language(), { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(asDate(`${month}-01`))

/** The wall clock where it happened, wherever the reader is now. */
export const clockWords = (moment: { readonly utcMs: number; readonly offsetMinutes: number }): string =>
  new Intl.DateTimeFormat(language(), { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).format(
    new Date(moment.utcMs + moment.offsetMinutes * 60_000)
  )

export const moment = (epochMs: number): string =>
  new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(epochMs))

export const bytesWords = (bytes: number): string =>
  new Intl.NumberFormat(language(), {
    style: 'unit',
    unit: bytes < 1e6 ? 'kilobyte' : 'megabyte',
    maximumFractionDigits: bytes < 1e7 && bytes >= 1e6 ? 1 : 0
  }).format(bytes < 1e6 ? bytes / 1e3 : bytes / 1e6)

export const share = (value: number): string => new Intl.NumberFormat(language(), { style: 'percent' }).format(value)
