import type { DocBytes, DocLog, DocPath, Fold, Foldable, LogFailure, Row } from '#app/store/ports.ts'
import { ok, type Result } from '#core/result.ts'

/** Opening 100 rows of a line or two costs a few milliseconds; a year of practice then folds about ten times. */
const FOLD_ROWS = 100
/** Below this, writing the base anew costs more than the rows do. */
const FOLD_BYTES = 32_000
/** Typing offline leaves a row every quarter of a second: folded, they are a few entries instead of hundreds. */
const FOLD_UNSEALED_ROWS = 20
/** Looking reads the whole document: after the first look that is worth while only once this much has changed. */
const LOOK_AFTER_CHANGES = 20
/** An entry holds 999,000 bytes sealed. */
const MAX_UNSEALED_BYTES = 256_000

type Bytes = Pick<DocBytes, 'compact' | 'merge'>

const sizeOf = (rows: readonly Row[]): number => rows.reduce((sum, row) => sum + row.update.byteLength, 0)

/** Which rows to fold now. With `all`, everything that can be folded: a person deleted something, and it is to be gone from this disk. */
export const planFolds = (found: Foldable, all: boolean): readonly Omit<Fold, 'bytes'>[] => {
  const { baseId, confirmed, unsealed } = found
  const bytes = sizeOf(confirmed)
  const enough = confirmed.length >= FOLD_ROWS || bytes >= Math.max(FOLD_BYTES, (found.base?.byteLength ?? 0) / 2)
  const folds: Omit<Fold, 'bytes'>[] = []
  if (confirmed.length > 0 && (all || enough))
    folds.push({ state: 'confirmed', baseId, rows: confirmed.map((row) => row.id) })
  if (all || unsealed.length >= FOLD_UNSEALED_ROWS)
    for (const run of fittingRuns(unsealed)) folds.push({ state: 'unsealed', baseId, rows: run.map((row) => row.id) })
  return folds
}

/** Neighbours that together still fit one entry, in order; a row that has no such neighbour is left as it is. */
const fittingRuns = (rows: readonly Row[]): readonly (readonly Row[])[] => {
  const runs: Row[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const row of rows) {
    bytes += row.update.byteLength
    if (bytes <= MAX_UNSEALED_BYTES) runs.at(-1)?.push(row)
    else {
      runs.push([row])
      bytes = row.update.byteLength
    }
  }
  return runs.filter((run) => run.length > 1)
}

const foldBytes = (found: Foldable, fold: Omit<Fold, 'bytes'>, bytes: Bytes): Uint8Array => {
  const named = new Set(fold.rows)
  const rows = fold.state === 'confirmed' ? found.confirmed : found.unsealed
  const updates = rows.filter((row) => named.has(row.id)).map((row) => row.update)
  // Unsealed rows build on others that are not among them: they can be joined, but not collected without the rest.
  if (fold.state === 'unsealed') return bytes.merge(updates)
  return bytes.compact(found.base === undefined ? updates : [found.base, ...updates])
}

/** Folds what is worth folding. 'raced' is no failure: another tab was faster, or the document grew. */
export const foldDocument = async (
  log: Pick<DocLog, 'foldable' | 'fold'>,
  bytes: Bytes,
  doc: DocPath,
  all: boolean
): Promise<Result<{ readonly folded: number }, LogFailure>> => {
  const found = await log.foldable(doc)
  if (!found.ok) return found
  let folded = 0
  for (const plan of planFolds(found.value, all)) {
    const result = await log.fold(doc, { ...plan, bytes: foldBytes(found.value, plan, bytes) })
    if (result.ok) folded += plan.rows.length
    else if (result.error.kind !== 'raced') return { ok: false, error: result.error }
  }
  return ok({ folded })
}

export interface LocalCompaction {
  /** After a load and with every change (as log.subscribe tells them): looks now and then, when idle, whether folding is worth it. */
  consider(doc: DocPath): void
  /** Folds at once all that can be folded. */
  compact(doc: DocPath): Promise<Result<{ readonly folded: number }, LogFailure>>
  close(): void
}

export interface CompactionPorts {
  readonly log: Pick<DocLog, 'foldable' | 'fold'>
  readonly docBytes: Bytes
  /** Runs it when nothing else is to be done (requestIdleCallback). @returns what cancels it. */
  readonly whenIdle: (run: () => void) => () => void
  /** Folding failed; the document is as it was, and is considered again another time. */
  readonly report?: (doc: DocPath, failure: LogFailure) => void
}

export const createLocalCompaction = ({ log, docBytes, whenIdle, report }: CompactionPorts): LocalCompaction => {
  const due = new Set<DocPath>()
  const changesByDoc = new Map<DocPath, number>()
  let cancel: (() => void) | undefined
  let closed = false

  const next = () => {
    if (cancel === undefined && due.size > 0 && !closed) cancel = whenIdle(run)
  }
  const run = async () => {
    const [doc] = due
    if (doc !== undefined && !closed) {
      due.delete(doc)
      const result = await foldDocument(log, docBytes, doc, false)
      if (!result.ok && !closed) report?.(doc, result.error)
    }
    cancel = undefined
    next()
  }
  return {
    consider: (doc) => {
      const changes = (changesByDoc.get(doc) ?? LOOK_AFTER_CHANGES) + 1
      changesByDoc.set(doc, changes > LOOK_AFTER_CHANGES ? 0 : changes)
      if (changes > LOOK_AFTER_CHANGES) due.add(doc)
      next()
    },
    compact: (doc) => foldDocument(log, docBytes, doc, true),
    close: () => {
      closed = true
      cancel?.()
    }
  }
}
