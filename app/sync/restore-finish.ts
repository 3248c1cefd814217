import { encodeErasureProof } from '#core/certificate.ts'
import { err, ok, type Result } from '#core/result.ts'
import { chosenAddresses } from './address.ts'
import { need } from './bench.ts'
import { type Erased, type EraseFailure, showErasure } from './erase-root.ts'
import type { Keeper } from './keeper.ts'
import type { OwedErasures } from './owed-erasures.ts'
import { proofKey } from './perform.ts'
import { dropNote, type Note, readNote, writeNote } from './restore-note.ts'
import type { RestoreError, RestoreStep } from './status.ts'
import type { SyncParts } from './sync-parts.ts'
import { talkTo } from './talk-to.ts'

/**
 * From the moment the new keys and documents are here to the end: everything acknowledged, the former root erased. The tab that leads
 * does it, whichever was asked; the others look now and then how far it is.
 */
export interface Finish {
  /** Goes on, in this tab or behind another, until the note is gone. */
  begin(): void
  /** Resolves when what was brought along is safe, or with 'interrupted' after `patience` ms; it goes on by itself then. */
  arrived(patience: number): Promise<Result<void, RestoreError>>
}

const LOOK_MS = 1_000
const TRY_AGAIN_MS = 60_000

const isAway = (answer: Result<Erased, EraseFailure> | undefined): boolean =>
  answer !== undefined && !answer.ok && answer.error !== 'relay-refused'

export const createFinish = (
  parts: SyncParts,
  keeper: Keeper,
  leads: () => boolean,
  owe: OwedErasures['owe'],
  say: (step: RestoreStep) => void
): Finish => {
  const { log } = parts
  const waiting = new Set<() => void>()
  let looking = false
  let working = false
  /** Monotonic ms since when all was safe, as far as this tab knew of documents. */
  let safeSince: number | undefined
  let triedAt: number | undefined

  const allSafe = (): boolean => {
    const { status } = keeper.facts.get()
    const safe = status.kind === 'live' && status.waiting === 0 && status.safety !== 'this-device'
    if (!safe || keeper.sessions() === undefined) safeSince = undefined
    else safeSince ??= parts.clock.mono()
    // The keyring was pulled, and the store reads in it which years there are: those are waited for too.
    return safeSince !== undefined && parts.clock.mono() - safeSince >= LOOK_MS
  }

  /** @returns false while no relay can be asked. */
  const eraseFormer = async (note: Note): Promise<boolean> => {
    const vault = await parts.vault()
    const former = await vault.former()
    const setting = note.formerRelay ?? 'none'
    const { relays } = chosenAddresses({ page: parts.page, relaySetting: { get: () => setting } })
    if (former.ok && former.value !== undefined && relays.length > 0) {
      const { root } = former.value
      const proof = await former.value.signErasure({ kind: 'root', root })
      const answers = await Promise.all(
        relays.map((relay) => showErasure({ ...talkTo(parts, relay), vault }, proof, relay.name))
      )
      const away = relays.filter((_, index) => isAway(answers[index]))
      if (away.length === relays.length) return false
      for (const relay of away) await owe(relay, encodeErasureProof(proof))
      const bytes = encodeErasureProof(proof)
      if (answers.some((answer) => answer.ok)) need(await log.keepProof('erasure', proofKey(proof), bytes))
    }
    await vault.dropFormer()
    await dropNote(log)
    return true
  }

  const isDue = (): boolean => triedAt === undefined || parts.clock.mono() - triedAt >= TRY_AGAIN_MS

  /** As far as it gets now. @returns the note as it stands then. */
  const work = async (note: Note): Promise<Note | undefined> => {
    if (note.step === 'acknowledging') {
      if (note.local === 'bring' && !allSafe()) return note
      const next: Note = { ...note, step: 'erasing-old' }
      await writeNote(log, next)
      say('erasing-old')
      return work(next)
    }
    if (note.step !== 'erasing-old' || !isDue()) return note
    triedAt = parts.clock.mono()
    return (await eraseFormer(note)) ? undefined : note
  }

  const look = async (): Promise<boolean> => {
    const found = await readNote(log)
    if (found !== undefined && found.step !== 'taking') say(found.step)
    const note = found !== undefined && leads() ? await work(found) : found
    if (note === undefined || note.step === 'erasing-old') for (const settle of [...waiting]) settle()
    if (note === undefined) say('done')
    return note !== undefined
  }

  /** One at a time, and again until there is nothing left to do. */
  const lookOn = async (): Promise<void> => {
    if (working) return
    working = true
    let more = true
    try {
      more = await look()
    } catch (error) {
      parts.report(`restore, going on: ${String(error)}`)
    }
    working = false
    looking = more
    if (more) parts.setTimer(LOOK_MS, () => void lookOn())
  }

  return {
    begin: () => {
      if (looking) return
      looking = true
      safeSince = undefined
      triedAt = undefined
      void lookOn()
    },
    arrived: (patience) =>
      new Promise((resolve) => {
        const settle = (result: Result<void, RestoreError>): void => {
          waiting.delete(arrive)
          cancel()
          resolve(result)
        }
        const arrive = (): void => settle(ok(undefined))
        const cancel = parts.setTimer(patience, () => settle(err('interrupted')))
        waiting.add(arrive)
      })
  }
}
