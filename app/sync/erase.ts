import type { Keyholder, Vault } from '#app/vault/ports.ts'
import { decodeErasureProof, type ErasureProof, encodeErasureProof } from '#core/certificate.ts'
import { err, ok, type Result } from '#core/result.ts'
import { parseRelayAddress, type RelayAddress } from './address.ts'
import { need } from './bench.ts'
import { type Erased, type EraseFailure, showErasure } from './erase-root.ts'
import type { Keeper } from './keeper.ts'
import { createOwedErasures, type OwedErasures } from './owed-erasures.ts'
import { proofKey } from './perform.ts'
import { must } from './restore.ts'
import type { ErasePort, Erasure, ReceiptToKeep } from './status.ts'
import type { SyncParts } from './sync-parts.ts'
import { talkTo } from './talk-to.ts'

/** Erasing everywhere, and what a device does that hears of it late. */
export interface Erase extends ErasePort {
  /**
   * After status 'erased', once the person has decided (and saved what they want): forgets what is here and begins a new, empty journal
   * under the same phrase.
   */
  beginAnew(): Promise<Result<void, 'no-keys'>>
  /** Receipts of earlier erasures, newest last. */
  receipts(): Promise<readonly ReceiptToKeep[]>
  /** Goes on with what a crash cut short. Called before any session starts. */
  resume(): Promise<void>
  /** The network is back: who was not reached may be now. */
  retry(): void
  readonly owe: OwedErasures['owe']
}

const NOTE_KEY = 'sync/erasing'
const RECEIPTS_KEY = 'sync/receipts'

export const createErase = (
  parts: SyncParts,
  keeper: Keeper,
  leads: () => boolean,
  holdTabs: () => Promise<void>,
  letGo: () => void
): Erase => {
  const { log } = parts
  /** This tab is erasing now. */
  let working = false

  const receipts = async (): Promise<readonly ReceiptToKeep[]> =>
    (need(await log.get(RECEIPTS_KEY)) as readonly ReceiptToKeep[] | undefined) ?? []

  const keep = async ({ proof, receipt }: Erased): Promise<void> => {
    const decoded = decodeErasureProof(proof)
    if (decoded.ok) need(await log.keepProof('erasure', proofKey(decoded.value), proof))
    const known = await receipts()
    if (!known.some(({ text }) => text === receipt.text)) need(await log.put(RECEIPTS_KEY, [...known, receipt]))
  }
  const owed = createOwedErasures(parts, leads, keep)

  /** The first root of this phrase that is not known to be erased. */
  const nextRoot = async (vault: Vault, from: Keyholder): Promise<Keyholder> => {
    const words = await vault.phrase()
    if (!words.ok) throw new Error(words.error.kind)
    const erased = new Set(
      need(await log.proofs())
        .filter(({ kind }) => kind === 'erasure')
        .map(({ key }) => key)
    )
    for (let incarnation = from.incarnation + 1; ; incarnation++) {
      const next = await vault.consider(words.value, incarnation)
      if (!next.ok) throw new Error(next.error.kind)
      if (!erased.has(next.value.root)) return next.value
    }
  }

  /** Documents first: keys of the next root beside documents of the erased one would bring them back. */
  const leave = async (vault: Vault, from: Keyholder): Promise<void> => {
    const next = await nextRoot(vault, from)
    need(await log.forget('all'))
    await must(vault.adopt(next))
    need(await log.delete(NOTE_KEY))
  }

  const held = async <Value>(run: () => Promise<Value>): Promise<Value> => {
    working = true
    await holdTabs()
    await keeper.hold()
    try {
      return await run()
    } finally {
      working = false
      await keeper.release()
      letGo()
    }
  }

  /** Chosen once, and not any more: what they had, they have. */
  const formerRelays = (chosen: readonly RelayAddress[]): readonly RelayAddress[] => {
    const former = (parts.relaySetting.former?.() ?? []).flatMap((text) => {
      const address = parseRelayAddress(text, parts.page)
      return address.ok ? [address.value] : []
    })
    return former.filter(({ name }) => !chosen.some((each) => each.name === name))
  }

  /** @returns receipts, and who gave none. */
  const ask = async (vault: Vault, proof: ErasureProof, relays: readonly RelayAddress[]) => {
    const answers = await Promise.all(
      relays.map(async (relay) => ({
        relay,
        answer: await showErasure({ ...talkTo(parts, relay), vault }, proof, relay.name)
      }))
    )
    const erased: Erased[] = []
    const failed: { readonly relay: RelayAddress; readonly why: EraseFailure }[] = []
    for (const { relay, answer } of answers)
      if (answer.ok) erased.push(answer.value)
      else failed.push({ relay, why: answer.error })
    return { erased, failed }
  }

  const eraseNow = async (
    vault: Vault,
    keyholder: Keyholder
  ): Promise<Result<Erasure, 'relay-not-reached' | 'relay-refused'>> => {
    const relays = keeper.addresses()
    const proof = await keyholder.signErasure({ kind: 'root', root: keyholder.root })
    const chosen = await ask(vault, proof, relays)
    // Nobody has erased anything: nothing is forgotten here either.
    if (chosen.erased.length === 0)
      return err(chosen.failed.every(({ why }) => why === 'relay-not-reached') ? 'relay-not-reached' : 'relay-refused')
    const former = await ask(vault, proof, formerRelays(relays))
    const erased = [...chosen.erased, ...former.erased]
    const failed = [...chosen.failed, ...former.failed]
    // Before the documents go: with them goes what says which relays there are.
    for (const { relay } of failed) await owed.owe(relay, encodeErasureProof(proof))
    for (const each of erased) await keep(each)
    await leave(vault, keyholder)
    return ok({ receipts: erased.map(({ receipt }) => receipt), owed: failed.map(({ relay }) => relay.name) })
  }

  const everywhere: ErasePort['everywhere'] = async () => {
    const vault = await parts.vault()
    const current = await vault.current()
    if (!current.ok) return err('no-keys')
    const done = await held(async () => {
      need(await log.put(NOTE_KEY, { root: current.value.root }))
      const result = await eraseNow(vault, current.value)
      // Nothing was erased as far as anybody knows: the person is told, and decides again.
      if (!result.ok) need(await log.delete(NOTE_KEY))
      return result
    })
    if (done.ok) parts.forgotten()
    return done
  }

  const beginAnew: Erase['beginAnew'] = async () => {
    const vault = await parts.vault()
    const current = await vault.current()
    if (!current.ok) return err('no-keys')
    await held(() => leave(vault, current.value))
    parts.forgotten()
    return ok(undefined)
  }

  const resume = async (): Promise<void> => {
    if (working) return
    void owed.tell()
    const note = need(await log.get(NOTE_KEY)) as { readonly root: string } | undefined
    if (note === undefined) return
    const vault = await parts.vault()
    const current = await vault.current()
    if (current.ok && current.value.root === note.root) {
      // Asked for, and not known whether it happened. A relay that cannot be reached now tells the session later.
      const result = await eraseNow(vault, current.value)
      if (result.ok) return
    }
    need(await log.delete(NOTE_KEY))
  }

  return {
    thisDevice: async () => {
      await holdTabs()
      await keeper.close()
      return (await parts.deleteDatabase()) ? ok(undefined) : err('blocked')
    },
    everywhere,
    beginAnew,
    receipts,
    owed: owed.list,
    resume,
    retry: () => void owed.tell(),
    owe: owed.owe
  }
}
