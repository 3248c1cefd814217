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
const MAX_BATCH_ENTRIES = 100
/** A tenth of the largest sealed entry, before it is packed: room for any alphabet and for what Yjs adds. */
const MAX_BATCH_CHARS = 100_000

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

interface Step {
  readonly command: Command
  readonly entries: number
}

/** Entries of one year that are written together: each write waits for the disk, and each row has to fit a sealed entry. */
const batchesOf = (entries: readonly JournalEntry[]): readonly Step[] => {
  const steps: Step[] = []
  const write = (year: number, batch: readonly JournalEntry[]): void => {
    if (batch.length > 0)
      steps.push({ command: { kind: 'restore-entries', year, entries: batch }, entries: batch.length })
  }
  for (const [year, ofYear] of Map.groupBy(entries, (entry) => entry.year)) {
    let batch: JournalEntry[] = []
    let size = 0
    for (const entry of ofYear) {
      const more = JSON.stringify(entry).length
      if (batch.length === MAX_BATCH_ENTRIES || (batch.length > 0 && size + more > MAX_BATCH_CHARS)) {
        write(year, batch)
        batch = []
        size = 0
      }
      batch.push(entry)
      size += more
    }
    write(year, batch)
  }
  return steps
}

/** Patterns before the favourites that name them. */
const stepsOf = ({ patterns, favourites, entries }: BackupPlan): readonly Step[] => [
  ...patterns.map((pattern): Step => ({ command: { kind: 'save-pattern', pattern }, entries: 1 })),
  ...favourites.map((id): Step => ({ command: { kind: 'favour-pattern', id, favourite: true }, entries: 1 })),
  ...batchesOf(entries)
]

const problemOf = ({ kind }: Unsaved): ReadBackProblem => (kind === 'not-on-disk' ? 'not-on-disk' : 'unavailable')

/**
 * Adds what is missing here, batch after batch. Cut short, what came so far stays, and the same file read again brings
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
  const steps = stepsOf(plan)
  const all = steps.reduce((sum, { entries }) => sum + entries, 0)
  let done = 0
  for (const { command, entries } of steps) {
    onStep(done, all)
    const saved = await store.dispatch(command)
    if (!saved.ok) return err(problemOf(saved.error))
    done += entries
  }
  const added = plan.entries.length + plan.patterns.length
  return ok({ added, alreadyHere: plan.alreadyHere, leftOut: backup.value.leftOut })
}
