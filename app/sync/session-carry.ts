import type { DocPath } from '#app/store/ports.ts'
import { MAX_ENTRIES_PER_PUSH, MAX_FRAME_BYTES } from '#core/limits.ts'
import type { Carried } from './carry.ts'
import { compactIfLong, mayPush, PUSH_OVERHEAD_BYTES } from './session-docs.ts'
import { type DocState, type Moment, type SessionState, type Step, step, withDoc } from './session-state.ts'
import type { Answer } from './session-words.ts'
import { ALONE_JITTER_MS, CARRY_JITTER_MS, CARRY_MS } from './timing.ts'

/** Where the journal lives on several relays: what one of them has and this one lacks is brought along. */

/** Where nobody else is at this relay, nobody else will bring it. */
const plan = (state: SessionState, doc: DocState, { random }: Moment): Step => {
  if (doc.carryPlanned) return step(state)
  const ms = Math.round(doc.peers === 0 ? ALONE_JITTER_MS * random : CARRY_MS + CARRY_JITTER_MS * random)
  return step(withDoc(state, doc.path, { carryPlanned: true }), { type: 'set-timer', name: `carry:${doc.path}`, ms })
}

export const onLookedAcross = (
  state: SessionState,
  { doc: path, owed, due }: Pick<Extract<Answer, { readonly type: 'looked-across' }>, 'doc' | 'owed' | 'due'>,
  moment: Moment
): Step => {
  const known = withDoc(state, path, { owed })
  const doc = known.docs.get(path)
  if (doc === undefined || doc.stage !== 'live') return step(state)
  if (due !== null) return step(known, { type: 'rewind', doc: path, reason: due })
  // A snapshot may have waited for this.
  return owed > 0 ? plan(known, doc, moment) : compactIfLong(known, path, moment)
}

/** Looked for anew: most of it has come by itself. */
export const onCarryDue = (state: SessionState, path: DocPath, moment: Moment): Step => {
  const next = withDoc(state, path, { carryPlanned: false })
  const doc = next.docs.get(path)
  if (doc === undefined || doc.stage !== 'live' || doc.check !== null) return step(next)
  if (!mayPush(next, doc) || doc.carry !== null) return plan(next, doc, moment)
  return step(next, { type: 'find-carry', doc: path })
}

const batchOf = (entries: readonly Carried[]): readonly Carried[] => {
  let bytes = PUSH_OVERHEAD_BYTES
  const upTo = entries.findIndex((entry, index) => {
    bytes += entry.bytes.byteLength + 4
    return index > 0 && (bytes > MAX_FRAME_BYTES || index >= MAX_ENTRIES_PER_PUSH)
  })
  return upTo === -1 ? entries : entries.slice(0, upTo)
}

export const onCarryFound = (
  state: SessionState,
  path: DocPath,
  entries: readonly Carried[],
  behind: boolean,
  moment: Moment
): Step => {
  const doc = state.docs.get(path)
  if (!mayPush(state, doc)) return step(state)
  if (entries.length === 0 && behind) return step(state, { type: 'rewind', doc: path, reason: 'snapshot' })
  if (entries.length === 0) return onLookedAcross(state, { doc: path, owed: 0, due: null }, moment)
  const ref = state.nextRef
  const batch = batchOf(entries)
  const carry = { ref, digests: batch.map(({ digest }) => digest) }
  return step(
    { ...withDoc(state, path, { carry }), nextRef: ref + 1 },
    { type: 'carry', doc: path, ref, entries: batch }
  )
}
