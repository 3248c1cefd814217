import type { DocPath, RelayName, Shelf, SyncLog } from '#app/store/ports.ts'
import type { DeviceId } from '#core/ids.ts'
import { reachOf } from './across.ts'
import { type Mark, markKey, need } from './bench.ts'

/** A relay that is not among the chosen any more: what only it was known to have goes to the others, then it is forgotten. */

const KNOWN_KEY = 'sync/relays'

const CLEAR: Mark = { check: null, gap: false }

export const leaveRelays = async (
  log: SyncLog & Shelf,
  docs: readonly DocPath[],
  chosen: readonly RelayName[],
  device: DeviceId
): Promise<void> => {
  const known = (need(await log.get(KNOWN_KEY)) as readonly RelayName[] | undefined) ?? []
  const left = known.filter((relay) => !chosen.includes(relay))
  for (const relay of left) {
    for (const doc of docs) {
      for (const heir of chosen) await inherit(log, doc, relay, heir, device)
      need(await log.delete(markKey(relay, doc)))
    }
    need(await log.forgetRelay(relay))
  }
  if (left.length > 0 || known.length !== chosen.length) need(await log.put(KNOWN_KEY, chosen))
}

/** Own entries are in the outbox still; what others wrote is in the content, so that is compared. */
const inherit = async (
  log: SyncLog & Shelf,
  doc: DocPath,
  left: RelayName,
  heir: RelayName,
  device: DeviceId
): Promise<void> => {
  const { covers } = need(await log.shard(doc, left))
  const mark = (need(await log.get(markKey(heir, doc))) as Mark | undefined) ?? CLEAR
  if (mark.check !== null) return
  const reach = reachOf(need(await log.shard(doc, heir)).covers, mark)
  const lacks = covers.some((cover) => cover.device !== device && cover.counter > (reach.get(cover.device) ?? 0))
  if (lacks) need(await log.put(markKey(heir, doc), { ...mark, check: 'snapshot' }))
}
