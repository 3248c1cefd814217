import { parseOwnPattern } from '#app/domain/breath/parse.ts'
import { cleanLine, cleanTags } from '#app/domain/journal/clean.ts'
import type { JournalEntry } from '#app/domain/journal/entry.ts'
import type { Reflection } from '#app/domain/practice/record.ts'
import type { Settings } from '#app/domain/settings/settings.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Command, Unsaved } from './face.ts'
import { addEntry, deleteEntry, editEntry, isGone } from './journal-doc.ts'
import {
  areRelays,
  currentIncarnation,
  readSettings,
  retireYear,
  unacceptable,
  writeRelays,
  writeSettings
} from './keyring-doc.ts'
import {
  deletePattern,
  readFavourites,
  readOwnPattern,
  readPatterns,
  writeFavourite,
  writePattern
} from './library-doc.ts'
import type { OpenDoc } from './open-doc.ts'

/** What a command does to its document, decided before anything is written. */
export type Change = { readonly run: (doc: OpenDoc['doc']) => void; readonly undo: Command | null }

export type Context = {
  readonly doc: OpenDoc['doc']
  readonly device: string
  /** The entry as it is shown now, null if there is none. */
  readonly entry: (id: string) => JournalEntry | null
}

/** Each field the change names, with its value before. */
const reverseEdit = (entry: JournalEntry, change: Partial<Reflection>): Partial<Reflection> => ({
  ...(change.line === undefined ? {} : { line: entry.line }),
  ...(change.tags === undefined ? {} : { tags: entry.tags }),
  ...(change.before === undefined || entry.kind === 'line' ? {} : { before: entry.before }),
  ...(change.after === undefined || entry.kind === 'line' ? {} : { after: entry.after })
})

const cleanEntry = <Entry extends JournalEntry>(entry: Entry): Entry => ({
  ...entry,
  line: cleanLine(entry.line),
  tags: cleanTags(entry.tags)
})

const addition = ({ doc, entry }: Context, added: JournalEntry): Result<Change, Unsaved> => {
  // Kept already: by the other tab, or before a crash that came between write and answer.
  if (entry(added.id) !== null) return ok({ run: () => undefined, undo: null })
  if (isGone(doc, added.id)) return err({ kind: 'gone' })
  const undo: Command = { kind: 'delete-entry', id: added.id, year: added.year }
  return ok({ run: (target) => addEntry(target, cleanEntry(added)), undo })
}

const settingsChange = ({ doc }: Context, change: Partial<Settings>): Result<Change, Unsaved> => {
  const wrong = unacceptable(change)
  if (wrong !== null) return err({ kind: 'invalid', what: wrong })
  const before = readSettings(doc)
  const reverse = Object.fromEntries(Object.keys(change).map((key) => [key, before[key as keyof Settings]]))
  return ok({ run: (target) => writeSettings(target, change), undo: { kind: 'change-settings', change: reverse } })
}

/** @param context of the document the command goes to (see pathOf in store.ts). */
export const changeFor = (command: Command, context: Context): Result<Change, Unsaved> => {
  const { doc, device } = context
  switch (command.kind) {
    case 'keep-practice':
      return addition(context, command.record)
    case 'write-line':
      return addition(context, command.line)
    case 'restore-entry': {
      const { entry } = command
      const undo: Command = { kind: 'delete-entry', id: entry.id, year: entry.year }
      return ok({ run: (target) => addEntry(target, cleanEntry(entry)), undo })
    }
    case 'restore-entries': {
      const { entries, year } = command
      if (entries.some((entry) => entry.year !== year)) return err({ kind: 'invalid', what: 'year' })
      const run: Change['run'] = (target) => {
        for (const entry of entries) addEntry(target, cleanEntry(entry))
      }
      return ok({ run, undo: null })
    }
    case 'edit-entry': {
      const { id, year, change } = command
      const before = context.entry(id)
      if (before === null) return err({ kind: 'gone' })
      const undo: Command = { kind: 'edit-entry', id, year, change: reverseEdit(before, change) }
      return ok({ run: (target) => editEntry(target, id, change, device), undo })
    }
    case 'delete-entry': {
      const before = context.entry(command.id)
      if (before === null) return err({ kind: 'gone' })
      return ok({ run: (target) => deleteEntry(target, command.id), undo: { kind: 'restore-entry', entry: before } })
    }
    case 'save-pattern': {
      const parsed = parseOwnPattern(command.pattern.id, command.pattern)
      if (!parsed.ok) return err({ kind: 'invalid', what: parsed.error })
      if (readPatterns(doc).some(({ id, origin }) => id === parsed.value.id && origin === 'built-in')) {
        return err({ kind: 'invalid', what: 'built-in' })
      }
      const before = readOwnPattern(doc, parsed.value.id)
      const undo: Command =
        before === null ? { kind: 'delete-pattern', id: parsed.value.id } : { kind: 'save-pattern', pattern: before }
      return ok({ run: (target) => writePattern(target, parsed.value), undo })
    }
    case 'delete-pattern': {
      const before = readOwnPattern(doc, command.id)
      if (before === null) return err({ kind: 'gone' })
      return ok({ run: (target) => deletePattern(target, command.id), undo: { kind: 'save-pattern', pattern: before } })
    }
    case 'favour-pattern': {
      const { id, favourite } = command
      const was = readFavourites(doc, readPatterns(doc)).has(id)
      const undo: Command | null = was === favourite ? null : { kind: 'favour-pattern', id, favourite: was }
      return ok({ run: (target) => writeFavourite(target, id, favourite), undo })
    }
    case 'change-settings':
      return settingsChange(context, command.change)
    case 'change-relays': {
      const { relays } = command
      if (!areRelays(relays)) return err({ kind: 'invalid', what: 'relays' })
      return ok({ run: (target) => writeRelays(target, relays), undo: null })
    }
    case 'retire-year': {
      const incarnation = currentIncarnation(doc, command.year)
      return ok({ run: (target) => retireYear(target, { year: command.year, incarnation }), undo: null })
    }
  }
}
