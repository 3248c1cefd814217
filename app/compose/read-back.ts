import { type BackupPlan, parseBackup, planReadingBack } from '#app/domain/journal/backup.ts'
import type { JournalEntry } from '#app/domain/journal/entry.ts'
import type { Command, Store, Unsaved } from '#app/store/face.ts'
import type { ReadBack, ReadBackProblem, ReadBackWays } from '#app/ui/ports.ts'
import type { Vault } from '#app/vault/ports.ts'
import { err, ok, type Result } from '#core/result.ts'
import { decodeSealedFile } from '#core/sealed-file.ts'

interface ReadBackParts {
  readonly store: Store
  readonly vault: () => Promise<Vault>
}

/** A lifetime of entries is a tenth of it: what is larger was picked by mistake, and would fill the memory. */
const MAX_FILE_BYTES = 256 * 1024 * 1024
/** Each write waits for the disk, so thousands take seconds: the screen hears of every so many. */
const TELL_EVERY = 25

/** Of the years that are open. */
export const entriesHere = ({ journal }: Store): readonly JournalEntry[] =>
  journal.get().years.flatMap((year) => (year.kind === 'open' ? year.days.flatMap(({ entries }) => entries) : []))

const bytesOf = async (file: Blob): Promise<Result<Uint8Array, ReadBackProblem>> => {
  if (file.size > MAX_FILE_BYTES) return err('not-a-backup')
  try {
    return ok(new Uint8Array(await file.arrayBuffer()))
  } catch {
    // Moved, changed or on a drive that was taken out since it was picked.
    return err('unreadable')
  }
}

/** The text inside: sealed files are opened with the keys of this device, or of the words given; anything else is text already. */
const unsealed = async (
  bytes: Uint8Array,
  open: () => Promise<Vault>,
  words: readonly string[] | undefined
): Promise<Result<Uint8Array, ReadBackProblem>> => {
  if (!decodeSealedFile(bytes).ok) return ok(bytes)
  const vault = await open()
  // The file key hangs on the phrase alone, so any incarnation opens it.
  const keyholder = words === undefined ? await vault.current() : await vault.consider(words, 0)
  if (keyholder.ok) return keyholder.value.openFile(bytes)
  return err(keyholder.error.kind === 'no-keys' ? 'not-ours' : 'unavailable')
}

const textOf = (bytes: Uint8Array): Result<string, 'not-a-backup'> => {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return err('not-a-backup')
  }
}

/** Patterns before the favourites that name them. */
const commandsOf = ({ patterns, favourites, entries }: BackupPlan): readonly Command[] => [
  ...patterns.map((pattern): Command => ({ kind: 'save-pattern', pattern })),
  ...favourites.map((id): Command => ({ kind: 'favour-pattern', id, favourite: true })),
  ...entries.map((entry): Command => ({ kind: 'restore-entry', entry }))
]

const problemOf = ({ kind }: Unsaved): ReadBackProblem => (kind === 'not-on-disk' ? 'not-on-disk' : 'unavailable')

/**
 * Adds what is missing here, one after the other. Cut short, what came so far stays, and the same file read again brings
 * the rest: ids stay.
 */
export const readBack = async (
  { store, vault }: ReadBackParts,
  file: Blob,
  { onStep = () => undefined, words }: ReadBackWays = {}
): Promise<Result<ReadBack, ReadBackProblem>> => {
  const bytes = await bytesOf(file)
  const opened = bytes.ok ? await unsealed(bytes.value, vault, words) : bytes
  const text = opened.ok ? textOf(opened.value) : opened
  const backup = text.ok ? parseBackup(text.value) : text
  if (!backup.ok) return backup
  // A year that is not open would seem to lack everything.
  const whole = await store.openAll()
  if (!whole.ok) return err('unavailable')
  const plan = planReadingBack(backup.value, {
    entries: new Set(entriesHere(store).map(({ id }) => id)),
    patterns: new Set(store.patterns.get().map(({ id }) => id))
  })
  const commands = commandsOf(plan)
  for (const [done, command] of commands.entries()) {
    if (done % TELL_EVERY === 0) onStep(done, commands.length)
    const saved = await store.dispatch(command)
    if (!saved.ok) return err(problemOf(saved.error))
  }
  const added = plan.entries.length + plan.patterns.length
  return ok({ added, alreadyHere: plan.alreadyHere, leftOut: backup.value.leftOut })
}
