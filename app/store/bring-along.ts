import { ok, type Result } from '#core/result.ts'
import { docBytes } from './bytes.ts'
import { recordsOf } from './journal-doc.ts'
import { beginYear, currentIncarnation, hasYear } from './keyring-doc.ts'
import { type OpenDoc, openDoc } from './open-doc.ts'
import { journalPath, KEYRING_PATH, LIBRARY_PATH, parsePath } from './paths.ts'
import type { DocLog, DocPath, LogFailure } from './ports.ts'

/**
 * What one log holds, brought into the documents of another: a device with practices of its own takes over a phrase.
 * Documents are merged, not replaced, and ids stay: brought twice, or cut short and brought again, each practice is
 * there once. Settings stay those of the phrase.
 */

/** Documents with content of the person, without retired years. */
const contents = async (log: DocLog): Promise<Result<readonly DocPath[], LogFailure>> => {
  const keyring = await openDoc(KEYRING_PATH, log)
  if (!keyring.ok) return keyring
  const known = await log.documents()
  if (!known.ok) return known
  const current = known.value.filter((path) => {
    const kind = parsePath(path)
    if (kind?.kind !== 'journal') return kind?.kind === 'library'
    return kind.incarnation === currentIncarnation(keyring.value.doc, kind.year)
  })
  return ok(current)
}

const bytesOf = async (log: DocLog, path: DocPath): Promise<Result<readonly Uint8Array[], LogFailure>> => {
  const loaded = await log.load(path)
  if (!loaded.ok) return loaded
  const { base, rows } = loaded.value
  return ok([...(base === undefined ? [] : [base]), ...rows.map(({ update }) => update)])
}

/** How many entries (practices and lines) a log holds: what the person is asked about. */
export const countEntries = async (log: DocLog): Promise<Result<number, LogFailure>> => {
  const paths = await contents(log)
  if (!paths.ok) return paths
  let count = 0
  for (const path of paths.value) {
    if (path === LIBRARY_PATH) continue
    const year = await openDoc(path, log)
    if (!year.ok) return year
    count += recordsOf(year.value.doc).size
  }
  return ok(count)
}

/** Where a document of the old log goes: the same year under the incarnation that the phrase's keyring writes to. */
const destination = async (path: DocPath, keyring: OpenDoc): Promise<Result<DocPath, LogFailure>> => {
  const kind = parsePath(path)
  if (kind?.kind !== 'journal') return ok(path)
  const year = { year: kind.year, incarnation: currentIncarnation(keyring.doc, kind.year) }
  const named = hasYear(keyring.doc, year) ? ok(undefined) : await keyring.change((doc) => beginYear(doc, year))
  return named.ok ? ok(journalPath(year.year, year.incarnation)) : named
}

/** Resolves ok when all of it is durable in the other log (and waits in its outbox). Safe to call again after a failure. */
export const bringAlong = async (from: DocLog, to: DocLog): Promise<Result<void, LogFailure>> => {
  const paths = await contents(from)
  if (!paths.ok) return paths
  const keyring = await openDoc(KEYRING_PATH, to)
  if (!keyring.ok) return keyring
  for (const path of paths.value) {
    const target = await destination(path, keyring.value)
    if (!target.ok) return target
    const local = await bytesOf(from, path)
    if (!local.ok) return local
    const there = await bytesOf(to, target.value)
    if (!there.ok) return there
    const missing = docBytes.missing(local.value, there.value)
    const written = missing === undefined ? ok(undefined) : await to.appendLocal(target.value, missing)
    if (!written.ok) return written
  }
  return ok(undefined)
}
