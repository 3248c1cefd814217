import type { Keyholder, Vault } from '#app/vault/ports.ts'
import { err, ok, type Result } from '#core/result.ts'
import { chosenAddresses, isAllowed, keptAddress, parseRelayAddress, type RelayAddress } from './address.ts'
import { need } from './bench.ts'
import { createCell } from './cell.ts'
import { ADOPTED_KEY, hasContent, type Keeper } from './keeper.ts'
import { lookUnder, type Sight } from './look.ts'
import type { OwedErasures } from './owed-erasures.ts'
import { createFinish } from './restore-finish.ts'
import { dropNote, type Note, readNote, writeNote } from './restore-note.ts'
import { bringRows } from './settle-brought.ts'
import type { Found, Observable, RestoreError, RestorePort, RestoreStep } from './status.ts'
import type { SyncParts } from './sync-parts.ts'
import { talkTo } from './talk-to.ts'

/**
 * "I already practise elsewhere": another phrase takes this device over. Each step is noted before it is taken and may be taken twice,
 * so that a crash anywhere leaves either the old journal or the new one with everything in it.
 */
export interface Restore extends RestorePort {
  /** Goes on with what a crash cut short. Called before any session starts. */
  resume(): Promise<void>
}

/** The relay may be away for long: the person goes on, the rest happens by itself when it is back. */
const PATIENCE_MS = 60_000
/** Another tab that is exchanging the keys is done by then, or gone. */
const TAKING_MS = 10_000

export const createRestore = (
  parts: SyncParts,
  keeper: Keeper,
  leads: () => boolean,
  owe: OwedErasures['owe'],
  holdTabs: () => Promise<void>,
  letGo: () => void
): Restore => {
  const { log } = parts
  const unfinished = createCell<RestoreStep | null>(null)
  let telling: (step: RestoreStep) => void = () => {}
  let said: RestoreStep | undefined
  /** This tab exchanges keys and documents now. */
  let taking = false

  const say = (step: RestoreStep): void => {
    if (step === said) return
    said = step
    unfinished.set(step === 'done' ? null : step)
    telling(step)
  }
  const finish = createFinish(parts, keeper, leads, owe, say)

  const see = async (words: readonly string[], relay: string): Promise<readonly [Sight, RelayAddress | undefined]> => {
    const address = parseRelayAddress(relay === '' ? parts.page : relay, parts.page)
    if (!address.ok) return [{ kind: 'relay-not-reached' }, undefined]
    const vault = await parts.vault()
    return [await lookUnder({ ...talkTo(parts, address.value), vault }, words, address.value.name), address.value]
  }

  /** Where the phrase's journal was found is among the chosen from now on; its keyring says which others are. */
  const choose = async (relay: string): Promise<void> => {
    const found = parseRelayAddress(relay === '' ? parts.page : relay, parts.page)
    if (!found.ok) return
    const { relays } = chosenAddresses(parts)
    const setting = parts.relaySetting.get()
    const named = setting === '' || setting === 'none' ? [] : relays
    if (named.some(({ name }) => name === found.value.name)) return
    await parts.relaySetting.set([...named, found.value].map(keptAddress).join(' '))
  }

  const currentRoot = async (vault: Vault): Promise<Keyholder | undefined> => {
    const current = await vault.current()
    return current.ok ? current.value : undefined
  }

  const look = async (words: readonly string[], relay: string): Promise<Found> => {
    const typed = parseRelayAddress(relay === '' ? parts.page : relay, parts.page)
    if (!typed.ok) return { kind: typed.error }
    if (!(await isAllowed(parts, typed.value))) return { kind: 'not-allowed-by-page' }
    const [sight] = await see(words, relay)
    if (sight.kind === 'relay-not-reached') return sight
    const current = await currentRoot(await parts.vault())
    if (current?.root === sight.keyholder.root) return { kind: 'already-this-phrase' }
    if (sight.kind === 'found') return { kind: 'found' }
    return { kind: sight.kind === 'nothing' ? 'nothing-under-this-phrase' : 'erased-under-this-phrase' }
  }

  /** The former root's rows become edits under the new one; what was let go of is gone before. */
  const take = async (note: Note, { root }: Keyholder): Promise<void> => {
    if (note.local === 'bring') await bringRows(parts, root, note.relay)
    need(await log.put(ADOPTED_KEY, true))
    await writeNote(log, { ...note, step: 'acknowledging' })
  }

  /** Every page loads anew: it has documents in memory that are gone. Noted first, or the page would load anew for ever. */
  const tellForgotten = async (): Promise<void> => {
    const note = await readNote(log)
    if (note !== undefined) await writeNote(log, { ...note, told: true })
    parts.forgotten()
  }

  /** Nobody else has decided meanwhile that this taking-over was given up, or gone on with it. */
  const isMine = async ({ at }: Note): Promise<boolean> => {
    const note = await readNote(log)
    return note?.step === 'taking' && note.at === at
  }

  const exchange = async (note: Note, next: Keyholder, current: Keyholder | undefined): Promise<void> => {
    const vault = await parts.vault()
    await writeNote(log, note)
    if (current !== undefined) await must(vault.keepFormer(current))
    say('copying')
    if (!(await isMine(note))) throw new Error('given up by another tab')
    // Before the keys: after a crash in between it could not be told from what was written since.
    if (note.local === 'discard') need(await log.forget('all'))
    await must(vault.adopt(next))
    try {
      if (await isMine(note)) await take(note, next)
    } catch (error) {
      // Documents of one root beside keys of another: rather all as it was.
      if (current !== undefined) await must(vault.adopt(current))
      throw error
    }
  }

  const adopt: RestorePort['adopt'] = async (words, relay, local, onStep) => {
    telling = onStep
    said = undefined
    say('reading')
    const [sight, address] = await see(words, relay)
    if (sight.kind === 'relay-not-reached' || address === undefined) return giveUp('relay-not-reached')
    if (sight.kind === 'nothing') return giveUp('nothing-under-this-phrase')
    const vault = await parts.vault()
    if ((await currentRoot(vault))?.root === sight.keyholder.root) return done()
    say('opening')
    taking = true
    let note: Note
    try {
      await holdTabs()
      await keeper.hold()
      // Only now: a first line, and with it first keys, may have come while the relay was asked.
      const current = await currentRoot(vault)
      note = {
        step: 'taking',
        local: (await hasContent(parts)) ? local : 'bring',
        formerRoot: current?.root ?? null,
        // Also where nobody heard that anything arrived: to erase what was never there costs nothing.
        formerRelay: current === undefined ? null : keeper.addresses().map(keptAddress).join(' ') || null,
        relay,
        at: parts.clock.now()
      }
      await exchange(note, sight.keyholder, current)
      // Documents that were let go of are still in memory: a setting written into them would hang on what is gone.
      if (note.local === 'bring') await choose(relay)
    } catch (error) {
      parts.report(`restore: ${String(error)}`)
      await forgetNote(vault)
      return giveUp('storage-full')
    } finally {
      taking = false
      await keeper.release()
      letGo()
    }
    if (note.local === 'bring') {
      const arrived = finish.arrived(PATIENCE_MS)
      finish.begin()
      return arrived
    }
    // The rest happens when the page has been loaded anew.
    say('done')
    await tellForgotten()
    return ok(undefined)
  }

  /** Nothing has changed, and the words are not kept anywhere: the person begins again. */
  const forgetNote = async (vault: Vault): Promise<void> => {
    const note = await readNote(log).catch(() => undefined)
    const current = await currentRoot(vault)
    if (note?.step !== 'taking' || (current?.root ?? null) !== note.formerRoot) return
    await dropNote(log)
    await vault.dropFormer()
  }

  const giveUp = (why: RestoreError): Result<void, RestoreError> => {
    said = undefined
    unfinished.set(null)
    return err(why)
  }

  const done = (): Result<void, RestoreError> => {
    say('done')
    return ok(undefined)
  }

  /** A tab that is at it right now is left alone; one that went in the middle is not waited for. */
  const settledNote = async (): Promise<Note | undefined> => {
    const note = await readNote(log)
    if (note?.step !== 'taking') return note
    await new Promise<void>((resolve) => void parts.setTimer(TAKING_MS, resolve))
    const later = await readNote(log)
    return later?.step === 'taking' && later.at !== note.at ? settledNote() : later
  }

  const resume = async (): Promise<void> => {
    if (taking || (await readNote(log)) === undefined) return
    const vault = await parts.vault()
    const note = await settledNote()
    if (note === undefined || taking) return
    const current = await currentRoot(vault)
    const begun = note.step !== 'taking' || (current?.root ?? null) !== note.formerRoot
    if (begun && note.step === 'taking' && current !== undefined) await take(note, current)
    if (note.local === 'discard' && note.told !== true) await tellForgotten()
    if (!begun) return forgetNote(vault)
    await choose(note.relay)
    finish.begin()
  }

  return { look, adopt, unfinished: unfinished as Observable<RestoreStep | null>, resume }
}

export const must = async (result: Promise<Result<unknown, { readonly kind: string }>>): Promise<void> => {
  const settled = await result
  if (!settled.ok) throw new Error(settled.error.kind)
}
