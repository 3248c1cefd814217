import { parseOwnPattern } from '#app/domain/breath/parse.ts'
import type { Pattern, PatternId } from '#app/domain/breath/pattern.ts'
import type { Settings } from '#app/domain/settings/settings.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { JournalEntry } from './entry.ts'
import { isFields, isId, parseEntry } from './parse-entry.ts'

/** A backup file's text: JSON that a person can read too. Later versions count the format up. */
const FORMAT = 'sacred-council/'
const VERSION = 1

export type BackupContents = {
  readonly settings: Settings
  readonly patterns: readonly Pattern[]
  readonly favourites: readonly PatternId[]
  readonly entries: readonly JournalEntry[]
}

export const backupToText = ({ settings, patterns, favourites, entries }: BackupContents): string =>
  JSON.stringify(
    {
      format: `${FORMAT}${VERSION}`,
      settings,
      patterns: patterns.filter(({ origin }) => origin === 'own'),
      favourites,
      entries
    },
    null,
    2
  )

/** What a file brings: no id twice. Settings stay those of the device that reads. */
export type ReadBackup = {
  readonly entries: readonly JournalEntry[]
  readonly patterns: readonly Pattern[]
  readonly favourites: ReadonlySet<string>
  /** Entries and patterns that could not be understood: one of them costs no other. */
  readonly leftOut: number
}

export type BackupProblem = 'not-a-backup' | 'newer' | 'malformed'

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const versionOf = (format: unknown): number | null => {
  const match = typeof format === 'string' && format.startsWith(FORMAT) ? format.slice(FORMAT.length) : ''
  return /^[1-9]\d{0,8}$/.test(match) ? Number(match) : null
}

const parsePattern = (value: unknown): Pattern | null => {
  if (!isFields(value) || !isId(value.id)) return null
  const pattern = parseOwnPattern(value.id, value)
  return pattern.ok ? { ...pattern.value, name: pattern.value.name.toWellFormed() } : null
}

/** The first of each id. */
const distinct = <Thing extends { readonly id: string }>(things: readonly (Thing | null)[]): readonly Thing[] => {
  const byId = new Map<string, Thing>()
  for (const thing of things) if (thing !== null && !byId.has(thing.id)) byId.set(thing.id, thing)
  return [...byId.values()]
}

/** Nothing in a file is believed. @returns 'malformed' for a backup of which nothing can be understood. */
export const parseBackup = (text: string): Result<ReadBackup, BackupProblem> => {
  const file = parseJson(text)
  const version = isFields(file) ? versionOf(file.format) : null
  if (!isFields(file) || version === null) return err('not-a-backup')
  if (version > VERSION) return err('newer')
  if (!Array.isArray(file.entries) || !Array.isArray(file.patterns)) return err('malformed')
  const entries = file.entries.map(parseEntry)
  const patterns = file.patterns.map(parsePattern)
  const all = [...entries, ...patterns]
  const leftOut = all.filter((thing) => thing === null).length
  if (leftOut > 0 && leftOut === all.length) return err('malformed')
  const favourites = new Set(Array.isArray(file.favourites) ? file.favourites.filter(isId) : [])
  return ok({ entries: distinct(entries), patterns: distinct(patterns), favourites, leftOut })
}

export type Here = { readonly entries: ReadonlySet<string>; readonly patterns: ReadonlySet<string> }

export type BackupPlan = {
  readonly entries: readonly JournalEntry[]
  readonly patterns: readonly Pattern[]
  /** Of the patterns that come back. */
  readonly favourites: readonly PatternId[]
  readonly alreadyHere: number
}

/** What is missing here. What is here under the same id stays as it is: it may have been edited since. */
export const planReadingBack = (backup: ReadBackup, here: Here): BackupPlan => {
  const entries = backup.entries.filter(({ id }) => !here.entries.has(id))
  const patterns = backup.patterns.filter(({ id }) => !here.patterns.has(id))
  return {
    entries,
    patterns,
    favourites: patterns.flatMap(({ id }) => (backup.favourites.has(id) ? [id] : [])),
    alreadyHere: backup.entries.length + backup.patterns.length - entries.length - patterns.length
  }
}
