import type { RelayName, Shelf } from '#app/store/ports.ts'
import type { Keyholder, Vault } from '#app/vault/ports.ts'
import { decodeErasureProof } from '#core/certificate.ts'
import { err, ok, type Result } from '#core/result.ts'
import { parseRelayAddress, type RelayAddress } from './address.ts'
import { need } from './bench.ts'
import { createCell } from './cell.ts'
import { eraseRoot } from './erase-root.ts'
import { ADOPTED_KEY, hasContent, type Keeper } from './keeper.ts'
import { lookUnder, type Sight } from './look.ts'
import { proofKey } from './perform.ts'
import type { Found, LocalPractices, Observable, RestoreError, RestorePort, RestoreStep } from './status.ts'
import type { SyncParts } from './sync-parts.ts'

/**
 * "I already practise elsewhere": another phrase takes this device over. Each step is noted before it is taken and may be taken twice,
 * so that a crash anywhere leaves either the old journal or the new one with everything in it.
 */
export interface Restore extends RestorePort {
  /** Goes on with what a crash cut short. Called before any session starts. */
  resume(): Promise<void>
}

interface Note {
  readonly step: 'taking' | 'acknowledging' | 'erasing-old'
  readonly local: LocalPractices
  /** Root that was here before, and the relay that may hold it; null where nothing of it was ever pushed. */
  readonly formerRoot: string | null
  readonly formerRelay: string | null
  /** Where the phrase's journal is, as typed. */
  readonly relay: string
}

const NOTE_KEY = 'sync/restore'
const readNote = async (shelf: Shelf): Promise<Note | undefined> => need(await shelf.get(NOTE_KEY)) as Note | undefined
const writeNote = async (shelf: Shelf, note: Note): Promise<void> => need(await shelf.put(NOTE_KEY, note))

/** The relay may be away for long: the person goes on, the rest happens by itself when it is back. */
const PATIENCE_MS = 60_000
const TRY_AGAIN_MS = 60_000

export const createRestore = (
  parts: SyncParts,
  keeper: Keeper,
  holdTabs: () => Promise<void>,
  letGo: () => void
): Restore => {
  const { log } = parts
  const unfinished = createCell<RestoreStep | null>(null)
  let telling: (step: RestoreStep) => void = () => {}

  const talk = (address: RelayAddress) => ({
    dial: (_: RelayName, on: Parameters<SyncParts['dial']>[1]) => parts.dial(address.url, on),
    setTimer: parts.setTimer
  })

  const say = (step: RestoreStep): void => {
    unfinished.set(step === 'done' ? null : step)
    telling(step)
  }

  const see = async (words: readonly string[], relay: string): Promise<readonly [Sight, RelayAddress | undefined]> => {
    const address = parseRelayAddress(relay === '' ? parts.page : relay, parts.page)
    if (!address.ok) return [{ kind: 'relay-not-reached' }, undefined]
    const vault = await parts.vault()
    return [await lookUnder({ ...talk(address.value), vault }, words, address.value.name), address.value]
  }

  const currentRoot = async (vault: Vault): Promise<Keyholder | undefined> => {
    const current = await vault.current()
    return current.ok ? current.value : undefined
  }

  const look = async (words: readonly string[], relay: string): Promise<Found> => {
    const [sight] = await see(words, relay)
    if (sight.kind === 'relay-not-reached') return sight
    const current = await currentRoot(await parts.vault())
    if (current?.root === sight.keyholder.root) return { kind: 'already-this-phrase' }
    if (sight.kind === 'found') return { kind: 'found' }
    return { kind: sight.kind === 'nothing' ? 'nothing-under-this-phrase' : 'erased-under-this-phrase' }
  }

  /** Whether anything of this device's documents ever reached the relay it talks to now. */
  const pushedTo = async (address: RelayAddress | undefined): Promise<string | null> => {
    if (address === undefined) return null
    for (const doc of need(await log.documents())) {
      if (need(await log.shard(doc, address.name)).cursor.seq > 0) return address.url
    }
    return null
  }

  /** The former root's rows become edits under the new one, or go. */
  const take = async (note: Note): Promise<void> => {
    if (note.local === 'bring') need(await log.reroot())
    else need(await log.forget('all'))
    need(await log.put(ADOPTED_KEY, true))
    await writeNote(log, { ...note, step: 'acknowledging' })
  }

  const allSafe = (): boolean => {
    const status = keeper.facts.get().status
    return status.kind === 'live' && status.waiting === 0 && status.safety !== 'this-device'
  }

  const untilSafe = (patience: number | null): Promise<boolean> =>
    new Promise((resolve) => {
      if (allSafe()) return resolve(true)
      const settle = (safe: boolean): void => {
        forget()
        cancel()
        resolve(safe)
      }
      const forget = keeper.facts.subscribe(() => {
        if (allSafe()) settle(true)
      })
      const cancel = patience === null ? () => {} : parts.setTimer(patience, () => settle(false))
    })

  const eraseFormer = async (note: Note): Promise<boolean> => {
    const vault = await parts.vault()
    const former = await vault.former()
    if (former.ok && former.value !== undefined && note.formerRelay !== null) {
      const address = parseRelayAddress(note.formerRelay, parts.page)
      if (address.ok) {
        const erased = await eraseRoot({ ...talk(address.value), vault }, former.value, address.value.name)
        if (!erased.ok && erased.error === 'relay-not-reached') return false
        if (erased.ok) {
          const proof = decodeErasureProof(erased.value.proof)
          if (proof.ok) need(await log.keepProof('erasure', proofKey(proof.value), erased.value.proof))
        }
      }
    }
    await vault.dropFormer()
    need(await log.delete(NOTE_KEY))
    say('done')
    return true
  }

  /** From the noted step to the end; a relay that is away is waited for. */
  const goOn = async (patience: number | null): Promise<Result<void, RestoreError>> => {
    const note = await readNote(log)
    if (note === undefined) return ok(undefined)
    if (note.step === 'acknowledging') {
      say('acknowledging')
      if (note.local === 'bring' && !(await untilSafe(patience))) {
        void goOn(null)
        return err('interrupted')
      }
      await writeNote(log, { ...note, step: 'erasing-old' })
    }
    say('erasing-old')
    const next = await readNote(log)
    if (next !== undefined && !(await eraseFormer(next))) {
      parts.setTimer(TRY_AGAIN_MS, () => void goOn(null))
      // The journal is safe under the new phrase; what is left is only to clean up behind it.
    }
    return ok(undefined)
  }

  const adopt: RestorePort['adopt'] = async (words, relay, local, onStep) => {
    telling = onStep
    say('reading')
    const [sight, address] = await see(words, relay)
    if (sight.kind === 'relay-not-reached' || address === undefined) return giveUp('relay-not-reached')
    if (sight.kind === 'nothing') return giveUp('nothing-under-this-phrase')
    const vault = await parts.vault()
    const current = await currentRoot(vault)
    if (current?.root === sight.keyholder.root) return done()
    say('opening')
    await holdTabs()
    await keeper.hold()
    let note: Note
    try {
      const formerRelay = await pushedTo(keeper.address())
      if (current !== undefined) await must(vault.keepFormer(current))
      const empty = !(await hasContent(parts))
      note = {
        step: 'taking',
        local: empty ? 'bring' : local,
        formerRoot: current?.root ?? null,
        formerRelay,
        relay
      }
      await writeNote(log, note)
      await must(vault.adopt(sight.keyholder))
      say('copying')
      await take(note)
      // Documents that were let go of are still in memory: a setting written into them would hang on what is gone.
      if (note.local === 'bring') await parts.relaySetting.set(relay)
    } catch (error) {
      parts.report(`restore: ${String(error)}`)
      return giveUp('storage-full')
    } finally {
      await keeper.release()
      letGo()
    }
    if (note.local === 'bring') return goOn(PATIENCE_MS)
    // The rest happens when the page has been loaded anew.
    say('done')
    parts.forgotten()
    return ok(undefined)
  }

  const giveUp = (why: RestoreError): Result<void, RestoreError> => {
    unfinished.set(null)
    return err(why)
  }

  const done = (): Result<void, RestoreError> => {
    say('done')
    return ok(undefined)
  }

  const resume = async (): Promise<void> => {
    const note = await readNote(log)
    if (note === undefined) return
    const vault = await parts.vault()
    const current = await currentRoot(vault)
    if (note.step === 'taking' && (current?.root ?? null) === note.formerRoot) {
      // The keys were not exchanged yet: nothing has changed, and the words are not kept anywhere. The person begins again.
      await vault.dropFormer()
      need(await log.delete(NOTE_KEY))
      return
    }
    if (note.step === 'taking') await take(note)
    if (parts.relaySetting.get() !== note.relay) await parts.relaySetting.set(note.relay)
    unfinished.set('acknowledging')
    void goOn(null)
  }

  return { look, adopt, unfinished: unfinished as Observable<RestoreStep | null>, resume }
}

export const must = async (result: Promise<Result<unknown, { readonly kind: string }>>): Promise<void> => {
  const settled = await result
  if (!settled.ok) throw new Error(settled.error.kind)
}
