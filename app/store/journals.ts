import type { Journal, JournalEntry, JournalYear } from '#app/domain/journal/entry.ts'
import type { Result } from '#core/result.ts'
import { createCell } from './cell.ts'
import type { Docs } from './docs.ts'
import type { Live } from './face.ts'
import { failureReason } from './failure.ts'
import { banish, ghosts } from './journal-doc.ts'
import { createJournalView, type JournalView } from './journal-view.ts'
import { begunYears, currentIncarnation } from './keyring-doc.ts'
import type { OpenDoc } from './open-doc.ts'
import { journalPath, KEYRING_PATH, parsePath } from './paths.ts'
import type { DocPath, LogFailure } from './ports.ts'

/** All years as one value: closed ones are named, open ones shown. */
export type Journals = {
  readonly live: Live<Journal>
  /** Every journal document that exists, current incarnations only. */
  readonly paths: () => readonly DocPath[]
  readonly pathOf: (year: number) => DocPath
  readonly entry: (path: DocPath, id: string) => JournalEntry | null
  readonly opened: (doc: OpenDoc) => void
  /** The log knows this document. */
  readonly noticed: (path: DocPath) => void
  readonly refresh: () => void
}

export type JournalsOptions = {
  readonly docs: () => Docs
  readonly currentYear: number
  readonly device: () => string
  readonly onLost: (entry: JournalEntry) => void
  /** The outcome of a write that no command asked for. */
  readonly onWritten: (written: Result<void, LogFailure>) => void
}

export const createJournals = ({ docs, currentYear, device, onLost, onWritten }: JournalsOptions): Journals => {
  const live = createCell<Journal>({ years: [] })
  const views = new Map<DocPath, JournalView>()
  const noticed = new Set<DocPath>()

  const pathOf = (year: number): DocPath => {
    const keyring = docs().opened(KEYRING_PATH)
    return journalPath(year, keyring === null ? 0 : currentIncarnation(keyring.doc, year))
  }

  /**
   * Years of the keyring, and those the log holds although the keyring does not name them (a crash between two writes).
   * The current year counts from its first entry, or when nobody can tell because it could not be read.
   */
  const years = (): readonly number[] => {
    const keyring = docs().opened(KEYRING_PATH)
    const found = new Set(keyring === null ? [] : begunYears(keyring.doc).map(({ year }) => year))
    if (docs().failures().has(pathOf(currentYear)) || docs().failures().has(KEYRING_PATH)) found.add(currentYear)
    for (const path of noticed) {
      const kind = parsePath(path)
      if (kind?.kind === 'journal' && pathOf(kind.year) === path) found.add(kind.year)
    }
    return [...found].sort((a, b) => b - a)
  }

  const yearValue = (year: number, before: JournalYear | undefined): JournalYear => {
    const path = pathOf(year)
    const view = views.get(path)
    if (view !== undefined) return view.year()
    const failure = docs().failures().get(path) ?? docs().failures().get(KEYRING_PATH)
    if (failure !== undefined) return { kind: 'failed', year, reason: failureReason(failure) }
    const kind = docs().isOpening(path) ? 'opening' : 'closed'
    return before?.kind === kind ? before : { kind, year }
  }

  const refresh = (): void => {
    const before = live.get().years
    const after = years().map((year) =>
      yearValue(
        year,
        before.find((known) => known.year === year)
      )
    )
    const same = after.length === before.length && after.every((year, i) => year === before[i])
    if (!same) live.set({ years: after })
  }

  const opened = ({ path, doc, readOnly, change }: OpenDoc): void => {
    const kind = parsePath(path)
    if (kind?.kind !== 'journal') return
    const banishGhosts = (): void => {
      const ids = readOnly() ? [] : ghosts(doc)
      if (ids.length > 0) void change((target) => banish(target, ids)).then(onWritten)
    }
    views.set(path, createJournalView({ doc, year: kind.year, device: device(), onChange: refresh, onLost }))
    banishGhosts()
    // Two edits that are each right can meet as a record under a deleted id: its content has to go.
    // After the transaction that showed it, so that the result of the write is this one's.
    doc.on('update', () => queueMicrotask(banishGhosts))
  }

  return {
    live,
    paths: () => years().map(pathOf),
    pathOf,
    entry: (path, id) => views.get(path)?.entry(id) ?? null,
    opened,
    noticed: (path) => noticed.add(path),
    refresh
  }
}
