import type { DocPath } from '#app/store/ports.ts'
import { bytesEqual, bytesToHex } from '#core/bytes.ts'
import { decodeErasureProof, type ErasureProof } from '#core/certificate.ts'
import type { DeviceFrame } from '#core/frames.ts'
import { encodeHeld, readHeld } from '#core/held.ts'
import type { DeviceId } from '#core/ids.ts'
import { assertNever } from '#core/result.ts'
import { compareEverywhere, findOwed } from './across.ts'
import { type Bench, countWaiting, followDevice, holdFast, keepFormerDevice, markOf, need, readMark } from './bench.ts'
import { buildSnapshot, compacted } from './compact.ts'
import { compare, repair, rewind } from './compare.ts'
import { seal } from './seal.ts'
import type { Answer, Effect } from './session-words.ts'
import { survey } from './survey.ts'
import { take } from './take.ts'
import { takeSnapshot } from './take-snapshot.ts'
import { voucherFor } from './voucher.ts'

/** Effects that ask log and vault. Sockets and timers are the runner's own. */
export type WorkEffect = Exclude<
  Effect,
  { readonly type: 'dial' | 'hang-up' | 'send' | 'set-timer' | 'clear-timer' | 'probe' | 'sample' }
>

export type Send = (frame: DeviceFrame) => void

export const perform = async (bench: Bench, effect: WorkEffect, send: Send): Promise<Answer | undefined> => {
  switch (effect.type) {
    case 'survey':
      return survey(bench)
    case 'authenticate':
      return authenticate(bench, effect)
    case 'count':
      return { type: 'counted', doc: effect.doc, ...(await countWaiting(bench, effect.doc)) }
    case 'take':
      return take(bench, effect)
    case 'take-snapshot':
      return takeSnapshot(bench, effect)
    case 'seal':
      return seal(bench, effect)
    case 'push':
      await push(bench, effect, send)
      return undefined
    case 'acknowledge':
      return acknowledge(bench, effect)
    case 'rewind':
      return rewind(bench, effect.doc, effect.reason)
    case 'compare':
      return compare(bench, effect.doc)
    case 'repair':
      return repair(bench, effect.doc)
    case 'build-snapshot':
      return buildSnapshot(bench, effect.doc)
    case 'compacted':
      return compacted(bench, effect)
    case 'look-across':
      return lookAcross(bench, effect.doc)
    case 'find-carry':
      return { type: 'carry-found', doc: effect.doc, ...(await findOwed(bench, effect.doc)) }
    case 'carry':
      await carryOver(bench, effect, send)
      return undefined
    case 'carried':
      bench.ports.carry?.settle(effect.doc, bench.ports.relay, effect.digests)
      return lookAcross(bench, effect.doc)
    case 'say-held':
      await sayHeld(bench, effect, send)
      return undefined
    case 'hear-held':
      return hearHeld(bench, effect)
    case 'renew-device':
      return renewDevice(bench)
    case 'verify-erasure':
      return verifyErasure(bench, effect.proof)
    case 'present-erasures':
      await presentErasures(bench, send)
      return undefined
    default:
      return assertNever(effect)
  }
}

type Of<Type extends Effect['type']> = Extract<Effect, { readonly type: Type }>

const authenticate = async (bench: Bench, { challenge, relayKey }: Of<'authenticate'>): Promise<Answer> => {
  const { ports, keyholder } = bench
  bench.relayMark = markOf(ports.sha256, relayKey)
  const certificate = keyholder.writerCertificate
  need(await ports.log.keepProof('writer', keyholder.root, certificate))
  const signature = await keyholder.authenticate({ host: ports.relay, relayKey, challenge })
  const admission = await voucherFor(ports.shelf, ports.relay)
  return { type: 'signed', certificate, signature, host: ports.relay, admission }
}

const lookAcross = async (bench: Bench, doc: DocPath): Promise<Answer> => {
  const { check } = await readMark(bench, doc)
  // Another session has found out that this relay is to be compared.
  const due = check !== null && !bench.walks.has(doc) ? check : null
  const { entries, behind } = await findOwed(bench, doc)
  return { type: 'looked-across', doc, owed: entries.length + (behind || due !== null ? 1 : 0), due }
}

const carryOver = async (bench: Bench, { doc, ref, entries }: Of<'carry'>, send: Send): Promise<void> => {
  const shard = await bench.keyholder.shard(doc)
  for (const { digest, bytes } of entries) bench.returned.set(digest, bytes)
  send({ type: 'push', ch: 0, shard, ref, entries: entries.map(({ bytes }) => bytes) })
}

const push = async (bench: Bench, { doc, ref, rows }: Of<'push'>, send: Send): Promise<void> => {
  const shard = await bench.keyholder.shard(doc)
  for (const row of rows) bench.pushed.set(bytesToHex(row.digest), row)
  send({ type: 'push', ch: 0, shard, ref, entries: rows.map(({ bytes }) => bytes) })
}

const acknowledge = async (bench: Bench, { doc, acks }: Of<'acknowledge'>): Promise<Answer> => {
  if (acks.length > 0) need(await bench.ports.log.acknowledge(doc, bench.ports.relay, acks))
  const { waiting, seq } = await countWaiting(bench, doc)
  return { type: 'acknowledged', doc, waiting, seq }
}

const sayHeld = async (bench: Bench, { doc, asks }: Of<'say-held'>, send: Send): Promise<void> => {
  const { log, relay } = bench.ports
  const { cursor } = need(await log.shard(doc, relay))
  await holdFast(bench)
  const shard = await bench.keyholder.shard(doc)
  const frame = await bench.keyholder.sealEphemeral(shard, encodeHeld(bench.relayMark, cursor, asks))
  send({ type: 'ephemeral', ch: 0, shard, frame })
}

const hearHeld = async (bench: Bench, { doc, frames }: Of<'hear-held'>): Promise<Answer> => {
  const { log, relay } = bench.ports
  const { device } = bench.keyholder
  const shard = await bench.keyholder.shard(doc)
  const { cursor, remembered } = need(await log.shard(doc, relay))
  const devices = new Set<DeviceId>()
  let asked = false
  for (const frame of frames) {
    const opened = await bench.keyholder.openEphemeral(shard, frame)
    const held = opened && opened.device !== device ? readHeld(opened.body, bench.relayMark) : undefined
    asked ||= held?.asks === true
    // Only where this device knows the hash there: another history may have the same seq.
    const same = [cursor, ...remembered].find(({ seq }) => seq === held?.seq)
    if (!opened || !held || !same || !bytesEqual(same.hash, held.hash)) continue
    devices.add(opened.device)
    need(await log.noteHeld(doc, relay, held.seq))
  }
  return { type: 'held', doc, seq: need(await log.shard(doc, relay)).heldElsewhere, devices: [...devices], asked }
}

const renewDevice = async (bench: Bench): Promise<Answer> => {
  const current = await bench.ports.vault.current()
  // Another session of this device has found it out too, at its relay.
  if (current.ok && current.value.root === bench.keyholder.root && current.value.device !== bench.keyholder.device) {
    await followDevice(bench)
    return { type: 'renewed' }
  }
  // The former key's entries that only one relay has acknowledged are sent to no other: their content is.
  await compareEverywhere(bench)
  await keepFormerDevice(bench)
  const renewed = await bench.ports.vault.renewDevice()
  if (!renewed.ok) throw new Error(`renewing the device key: ${renewed.error.kind}`)
  bench.keyholder = renewed.value
  await followDevice(bench)
  return { type: 'renewed' }
}

export const proofKey = ({ scope }: ErasureProof): string =>
  scope.kind === 'root' ? scope.root : `${scope.root}/${scope.shard}`

const verifyErasure = async (bench: Bench, bytes: Uint8Array): Promise<Answer> => {
  const { log, vault, documents } = bench.ports
  const decoded = decodeErasureProof(bytes)
  const unproven: Answer = { type: 'erasure', valid: false, scope: 'root', doc: null }
  if (!decoded.ok || decoded.value.scope.root !== bench.keyholder.root) return unproven
  if (!(await vault.verifyErasure(decoded.value))) return unproven
  const { scope } = decoded.value
  need(await log.keepProof('erasure', proofKey(decoded.value), bytes))
  if (scope.kind === 'root') return { type: 'erasure', valid: true, scope: 'root', doc: null }
  for (const doc of await documents()) {
    if ((await bench.keyholder.shard(doc)) !== scope.shard) continue
    need(await log.forget([doc]))
    return { type: 'erasure', valid: true, scope: 'shard', doc }
  }
  return { type: 'erasure', valid: true, scope: 'shard', doc: null }
}

/** A relay restored from an older copy may have forgotten an erasure: whoever knows of one shows it. Replaying it changes nothing. */
const presentErasures = async (bench: Bench, send: Send): Promise<void> => {
  const proofs = need(await bench.ports.log.proofs()).filter(({ kind }) => kind === 'erasure')
  proofs.forEach(({ bytes }, index) => {
    const decoded = decodeErasureProof(bytes)
    if (!decoded.ok) return
    const { scope, rootKey, signature } = decoded.value
    const ours = scope.root === bench.keyholder.root
    const ch = ours ? 0 : index + 1
    if (!ours) send({ type: 'open', ch, root: scope.root })
    send({ type: 'erase', ch, scope, rootKey, signature })
  })
}
