import { err, type Result } from '#core/result.ts'
import { type OpenDoc, openDoc } from './open-doc.ts'
import type { DocLog, DocPath, LogFailure } from './ports.ts'

/** The documents that are open, each read once; a failed one is read again when it is asked for again. */
export type Docs = {
  readonly open: (path: DocPath) => Promise<Result<OpenDoc, LogFailure>>
  readonly opened: (path: DocPath) => OpenDoc | null
  readonly isOpening: (path: DocPath) => boolean
  readonly all: () => readonly OpenDoc[]
  readonly failures: () => ReadonlyMap<DocPath, LogFailure>
}

/** @param breather awaited before a document is read and before `onOpened`: a long document is work twice over. */
export const createDocs = (
  log: DocLog,
  onOpened: (doc: OpenDoc) => void,
  breather: (path: DocPath) => Promise<void>
): Docs => {
  const opened = new Map<DocPath, OpenDoc>()
  const opening = new Map<DocPath, Promise<Result<OpenDoc, LogFailure>>>()
  const failures = new Map<DocPath, LogFailure>()

  const read = async (path: DocPath): Promise<Result<OpenDoc, LogFailure>> => {
    const result = await openDoc(path, log, breather).catch((cause: unknown) =>
      err({ kind: 'io', reason: String(cause) } as const)
    )
    if (result.ok) await breather(path)
    opening.delete(path)
    if (!result.ok) {
      failures.set(path, result.error)
      return result
    }
    failures.delete(path)
    opened.set(path, result.value)
    onOpened(result.value)
    // Rows that came between the read and now were announced to nobody.
    await result.value.catchUp()
    return result
  }

  const open = (path: DocPath): Promise<Result<OpenDoc, LogFailure>> => {
    const there = opened.get(path)
    if (there !== undefined) return Promise.resolve({ ok: true, value: there })
    let pending = opening.get(path)
    if (pending === undefined) {
      pending = read(path)
      opening.set(path, pending)
    }
    return pending
  }

  return {
    open,
    opened: (path) => opened.get(path) ?? null,
    isOpening: (path) => opening.has(path),
    all: () => [...opened.values()],
    failures: () => failures
  }
}
