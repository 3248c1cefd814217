import type { DocPath } from '#app/store/ports.ts'
import type { DeviceId } from '#core/ids.ts'
import { seq } from '#core/ids.ts'
import { type Bench, countWaiting, followDevice, formerDevices, need, readMark } from './bench.ts'
import { rewind } from './compare.ts'
import type { Answer, Surveyed } from './session-words.ts'

/** Which documents there are and where each stands with this relay. */
export const survey = async (bench: Bench): Promise<Answer> => {
  await followDevice(bench)
  // A root that is known to be erased is not even asked for: a relay that has forgotten must not get it back.
  const proofs = need(await bench.ports.log.proofs())
  if (proofs.some(({ kind, key }) => kind === 'erasure' && key === bench.keyholder.root))
    return { type: 'erasure', valid: true, scope: 'root', doc: null }
  const docs: Surveyed[] = []
  const devices = new Set<DeviceId>()
  for (const path of await bench.ports.documents()) {
    const mark = await readMark(bench, path)
    // A comparison that a crash or another tab cut short begins again: what it had read is gone from memory.
    if (mark.check !== null && !bench.walks.has(path)) await rewind(bench, path, mark.check)
    else if (mark.check === null && (await isNewHere(bench, path))) await rewind(bench, path, 'snapshot')
    docs.push(await surveyOne(bench, path, devices))
  }
  return { type: 'surveyed', docs, devices: [...devices] }
}

/** Content that another relay has confirmed, at one that was never asked: it is compared, or this one would never get it. */
const isNewHere = async ({ ports: { log, docLog, relay } }: Bench, path: DocPath): Promise<boolean> => {
  const { cursor, covers } = need(await log.shard(path, relay))
  if (cursor.seq > 0 || covers.length > 0) return false
  const { base, confirmed } = need(await docLog.foldable(path))
  return base !== undefined || confirmed.length > 0
}

const surveyOne = async (bench: Bench, path: DocPath, devices: Set<DeviceId>): Promise<Surveyed> => {
  const { log, relay } = bench.ports
  const { device } = bench.keyholder
  const state = need(await log.shard(path, relay))
  for (const cover of state.covers) if (cover.device !== device) devices.add(cover.device)
  const mine = [device, ...(await formerDevices(bench))]
  const wrote = state.covers.some((cover) => mine.includes(cover.device))
  const { check, gap } = await readMark(bench, path)
  return {
    path,
    shard: await bench.keyholder.shard(path),
    cursor: state.cursor,
    check,
    gap,
    opaque: state.opaque.length,
    waiting: (await countWaiting(bench, path)).waiting,
    tailBytes: state.tailBytes,
    snapshotBytes: state.snapshotBytes,
    held: state.heldElsewhere,
    // Not known which of the entries are ours: claimed to be on another device only when all of them are.
    ownSeq: !wrote || state.heldElsewhere >= state.cursor.seq ? seq(0) : state.cursor.seq
  }
}
