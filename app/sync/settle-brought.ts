import type { DocPath, RelayName } from '#app/store/ports.ts'
import type { RootId } from '#core/ids.ts'
import { chosenAddresses, parseRelayAddress } from './address.ts'
import { need } from './bench.ts'
import type { SyncParts } from './sync-parts.ts'

/**
 * What was brought to a phrase leaves this device only when the phrase's keyring is here and has been followed: settings are those of
 * the phrase, and a year goes on where the phrase has it. Noted, and may be done twice.
 */
export type Settling = (doc: DocPath) => Promise<boolean>

type Parts = Pick<SyncParts, 'log' | 'docBytes' | 'relaySetting' | 'page' | 'random'>

interface Unsettled {
  /** The phrase's: nothing is due under any other. */
  readonly root: RootId
  /** Where the phrase was found. */
  readonly found: RelayName
}

const UNSETTLED_KEY = 'sync/unsettled'
const KEYRING = 'keyring' as DocPath

/** After the exchange of keys, before any session starts: years that were erased here stay away, the rest waits for the keyring. */
export const bringRows = async ({ log, docBytes, page }: Parts, root: RootId, relay: string): Promise<void> => {
  const keyring = need(await log.load(KEYRING))
  const rows = keyring.rows.map(({ update }) => update)
  const retired = docBytes.retiredJournals(keyring.base === undefined ? rows : [keyring.base, ...rows])
  const found = parseRelayAddress(relay === '' ? page : relay, page)
  // Before the rows: what changes them wakes the sessions.
  if (found.ok) need(await log.put(UNSETTLED_KEY, { root, found: found.value.name } satisfies Unsettled))
  if (retired.length > 0) need(await log.forget(retired))
  need(await log.reroot())
}

/**
 * Asked before a document is sealed, by a session that has read everything which its relay has of it.
 * @param settled other documents may go now
 */
export const createSettling = (parts: Parts, root: RootId, relay: RelayName, settled: () => void): Settling => {
  const { log } = parts
  let done = false

  return async (doc) => {
    if (done) return true
    const unsettled = need(await log.get(UNSETTLED_KEY)) as Unsettled | undefined
    if (unsettled?.root !== root) {
      done = true
      return true
    }
    if (doc !== KEYRING || !mayTell(parts, relay, unsettled.found)) return false
    await settle(parts, unsettled.found)
    done = true
    settled()
    return true
  }
}

/** Another relay may not have the phrase's journal; but nobody waits for one that was removed meanwhile. */
const mayTell = (parts: Parts, relay: RelayName, found: RelayName): boolean =>
  relay === found || !chosenAddresses(parts).relays.some(({ name }) => name === found)

const settle = async ({ log, docBytes, random }: Parts, found: RelayName): Promise<void> => {
  const { base, confirmed, unsealed } = need(await log.foldable(KEYRING))
  const ofPhrase = [...(base === undefined ? [] : [base]), ...confirmed.map(({ update }) => update)]
  const all = [...ofPhrase, ...unsealed.map(({ update }) => update)]
  const brought = await broughtDocuments(log)
  const writer = Math.floor(random() * 2 ** 32)
  const { update, moves } = docBytes.settleKeyring({ ofPhrase, all, brought, found, writer })
  for (const { from, to } of moves) await copy({ log, docBytes }, from, to)
  // Last: it tells the store where the years go on.
  if (update !== undefined) need(await log.appendLocal(KEYRING, update))
  need(await log.delete(UNSETTLED_KEY))
}

const broughtDocuments = async (log: Parts['log']): Promise<readonly DocPath[]> => {
  const brought: DocPath[] = []
  for (const doc of need(await log.documents())) if (need(await log.unsealed(doc)).length > 0) brought.push(doc)
  return brought
}

/** Ids stay: copied twice, each record is there once. */
const copy = async ({ log, docBytes }: Pick<Parts, 'log' | 'docBytes'>, from: DocPath, to: DocPath): Promise<void> => {
  const here = need(await log.unsealed(from)).map(({ update }) => update)
  const { base, rows } = need(await log.load(to))
  const there = [...(base === undefined ? [] : [base]), ...rows.map(({ update }) => update)]
  const missing = docBytes.missing(here, there)
  if (missing !== undefined) need(await log.appendLocal(to, missing))
}
