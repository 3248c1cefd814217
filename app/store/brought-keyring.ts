import type * as Y from 'yjs'
import { beginYear, currentIncarnation, followPhrase, hasYear, retiredYears } from './keyring-doc.ts'
import { docOf } from './merged.ts'
import { journalPath, parsePath } from './paths.ts'
import type { DocBytes, DocPath, SettledKeyring } from './ports.ts'
import { isNewer, markSchema, schemaVersionOf } from './schema.ts'

/** A device with practices of its own takes a phrase over: what its keyring may say under the other root. */

export const retiredJournals: DocBytes['retiredJournals'] = (keyring) =>
  retiredYears(docOf(keyring)).map(({ year, incarnation }) => journalPath(year, incarnation))

export const settleKeyring: DocBytes['settleKeyring'] = ({ ofPhrase, all, brought, found, writer }) => {
  const phrase = docOf(ofPhrase)
  // Nothing was written there yet, or by a later app, whose words this one may not change.
  if (schemaVersionOf(phrase) === 0 || isNewer(phrase)) return { update: undefined, moves: [] }
  const moves = brought.flatMap((path) => moveOf(path, phrase))
  const doc = Object.assign(docOf(all), { clientID: writer })
  return { update: changeOf(doc, () => rewrite(doc, phrase, found, moves)), moves }
}

const moveOf = (from: DocPath, phrase: Y.Doc): SettledKeyring['moves'] => {
  const kind = parsePath(from)
  if (kind?.kind !== 'journal') return []
  const to = journalPath(kind.year, currentIncarnation(phrase, kind.year))
  return from === to ? [] : [{ from, to }]
}

const rewrite = (doc: Y.Doc, phrase: Y.Doc, found: string, moves: SettledKeyring['moves']): void => {
  followPhrase(doc, phrase, found)
  for (const { to } of moves) {
    const kind = parsePath(to)
    if (kind?.kind === 'journal' && !hasYear(doc, kind)) beginYear(doc, kind)
  }
  markSchema(doc)
}

const changeOf = (doc: Y.Doc, run: () => void): Uint8Array | undefined => {
  let change: Uint8Array | undefined
  doc.on('update', (update: Uint8Array) => {
    change = update
  })
  doc.transact(run)
  return change
}
