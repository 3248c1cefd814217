import { err, ok, type Result } from '#core/result.ts'
import { changeFor } from './commands.ts'
import type { Docs } from './docs.ts'
import type { Command, Saved, Unsaved } from './face.ts'
import { failureReason } from './failure.ts'
import type { Journals } from './journals.ts'
import { beginYear, hasYear } from './keyring-doc.ts'
import type { OpenDoc } from './open-doc.ts'
import { KEYRING_PATH, LIBRARY_PATH, parsePath } from './paths.ts'
import type { DocPath, LogFailure } from './ports.ts'

export type DispatchOptions = {
  readonly docs: Docs
  readonly open: (path: DocPath) => Promise<Result<OpenDoc, LogFailure>>
  readonly journals: Journals
  readonly device: () => string
  /** The outcome of each write. */
  readonly settle: (written: Result<void, LogFailure>) => void
}

type Outcome = Result<Saved, Unsaved>

/** The year whose journal a command changes, null for keyring and library. */
const yearOf = (command: Command): number | null => {
  switch (command.kind) {
    case 'keep-practice':
      return command.record.year
    case 'write-line':
      return command.line.year
    case 'restore-entry':
      return command.entry.year
    case 'restore-entries':
    case 'edit-entry':
    case 'delete-entry':
      return command.year
    default:
      return null
  }
}

const ofLibrary = ({ kind }: Command): boolean =>
  kind === 'save-pattern' || kind === 'delete-pattern' || kind === 'favour-pattern'

export const createDispatch = ({ docs, open, journals, device, settle }: DispatchOptions) => {
  /** An open document is changed before anything is awaited: the screen shows it in the same tick. */
  const withDoc = async (path: DocPath, run: (doc: OpenDoc) => Promise<Outcome>): Promise<Outcome> => {
    const there = docs.opened(path)
    if (there !== null) return run(there)
    const opened = await open(path)
    return opened.ok ? run(opened.value) : err({ kind: 'not-loaded', reason: failureReason(opened.error) })
  }

  const write = (path: DocPath, command: Command): Promise<Outcome> =>
    withDoc(path, async (target) => {
      if (target.readOnly()) return err({ kind: 'read-only' })
      const context = { doc: target.doc, device: device(), entry: (id: string) => journals.entry(path, id) }
      const change = changeFor(command, context)
      if (!change.ok) return change
      const written = await target.change(change.value.run)
      settle(written)
      const { undo } = change.value
      return written.ok ? ok({ undo }) : err({ kind: 'not-on-disk', reason: failureReason(written.error), undo })
    })

  /** The keyring says under which incarnation a year is written: without it a year might begin beside an erased one. */
  const writeYear = (year: number, command: Command): Promise<Outcome> =>
    withDoc(KEYRING_PATH, async (keyring) => {
      const path = journals.pathOf(year)
      const kind = parsePath(path)
      const begun = kind?.kind !== 'journal' || hasYear(keyring.doc, kind) || keyring.readOnly()
      const naming = begun ? ok(undefined) : keyring.change((doc) => beginYear(doc, kind))
      const result = await write(path, command)
      const named = await naming
      if (named.ok || !result.ok) return result
      settle(named)
      return err({ kind: 'not-on-disk', reason: failureReason(named.error), undo: result.value.undo })
    })

  return (command: Command): Promise<Outcome> => {
    const year = yearOf(command)
    if (year !== null) return writeYear(year, command)
    return write(ofLibrary(command) ? LIBRARY_PATH : KEYRING_PATH, command)
  }
}
