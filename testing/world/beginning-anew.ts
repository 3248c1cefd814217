import type { RelayName } from '#app/store/ports.ts'
import { eraseRoot } from '#app/sync/erase-root.ts'
import type { Dial } from '#app/sync/ports.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Count } from './counts.ts'
import type { Held } from './held.ts'
import type { Led } from './leading.ts'
import type { Tab } from './tab.ts'

/** A device whose journal is erased, by itself or by another, and which keeps a new one under the same phrase. */
export interface BeginningAnew {
  /** Nothing else is done with its tabs meanwhile. */
  isUnderWay(): boolean
  /** The tab in which it was done died. */
  broken(): void
  /** Looks whether the relay has told of an erasure. */
  hear(): Promise<void>
  eraseEverywhere(): Promise<void>
}

export const createBeginningAnew = (options: {
  readonly name: string
  readonly scheduler: Scheduler
  readonly held: Held
  readonly words: readonly string[]
  readonly relay: RelayName
  readonly count: Count
  readonly led: () => Led | undefined
  readonly tabs: () => readonly Tab[]
  readonly openTab: () => Promise<void>
  readonly dial: (tab: Tab) => Dial
}): BeginningAnew => {
  const { name, scheduler, count, words } = options
  let isUnderWay = false

  /** The person lets go of what is here and keeps a new journal under the same phrase. */
  const beginAnew = async (leader: Led): Promise<void> => {
    await leader.session.stop()
    count('began anew after an erasure')
    scheduler.note(`${name} begins anew`)
    for (const tab of options.tabs()) if (tab !== leader.tab) tab.kill()
    options.held.forgetAll()
    const forgotten = await leader.tab.log.forget('all')
    if (forgotten.ok) {
      const next = await leader.tab.vault.consider(words, leader.keyholder.incarnation + 1)
      if (next.ok) await leader.tab.vault.adopt(next.value)
    }
    isUnderWay = false
    leader.tab.kill()
    await options.openTab()
  }

  return {
    isUnderWay: () => isUnderWay,
    broken() {
      isUnderWay = false
    },
    async hear() {
      const leader = options.led()
      if (isUnderWay || leader?.session.facts().status.kind !== 'erased' || leader.tab.gate.state() !== 'open') return
      isUnderWay = true
      await beginAnew(leader)
    },
    async eraseEverywhere() {
      const leader = options.led()
      if (isUnderWay || leader?.tab.gate.state() !== 'open') return
      isUnderWay = true
      await leader.session.stop()
      const { tab } = leader
      const talk = { dial: options.dial(tab), setTimer: tab.gate.setTimer, vault: tab.vault }
      const erased = await eraseRoot(talk, leader.keyholder, options.relay)
      count(erased.ok ? 'erased everywhere' : `not erased: ${erased.error}`)
      if (erased.ok) {
        const kept = await tab.log.keepProof('erasure', leader.keyholder.root, erased.value.proof)
        if (kept.ok) return beginAnew(leader)
      }
      isUnderWay = false
      tab.kill()
    }
  }
}
