import type { SyncFacts } from '#app/sync/status.ts'
import type { Keyholder } from '#app/vault/ports.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Tab } from './tab.ts'

/** The leading tab's session, as little of it as the world touches. */
export interface Session {
  facts(): SyncFacts
  retry(): void
  hide(): void
  stop(): Promise<void>
}

export interface Led {
  readonly tab: Tab
  readonly session: Session
  readonly keyholder: Keyholder
}

/** Which tab of a device leads, and its session. Two may believe that they do. */
export interface Leading {
  led(): Led | undefined
  /** One that leads takes the place of none, or of one that is frozen. */
  elect(): Promise<void>
  /** The lock's beat: a former leader that thawed learns that it leads no more. */
  beat(): void
  /** It leads no more, nor believes so. */
  forget(tab: Tab): void
}

export const createLeading = (options: {
  readonly name: string
  readonly scheduler: Scheduler
  /** Tabs that may lead now. */
  readonly candidates: () => readonly Tab[]
  readonly watch: (keyholder: Keyholder, name: string) => Keyholder
  readonly start: (tab: Tab, keyholder: Keyholder, ended: () => void) => Session
}): Leading => {
  const { name, scheduler, candidates } = options
  let led: Led | undefined
  /** Leaders that were frozen and do not know yet that another took over. */
  let former: readonly Led[] = []
  const isLed = (): boolean => led?.tab.gate.state() === 'open'

  const lead = (tab: Tab, keyholder: Keyholder): void => {
    scheduler.note(`${name} is led by ${tab.name}`)
    const ended = (): void => {
      if (led?.tab === tab) led = undefined
      scheduler.after(0, '', elect)
    }
    led = { tab, keyholder, session: options.start(tab, keyholder, ended) }
  }

  const elect = async (): Promise<void> => {
    if (isLed()) return
    const tab = candidates().find(({ gate }) => gate.state() === 'open')
    if (!tab) return
    const current = await tab.vault.current()
    if (!current.ok || tab.gate.state() !== 'open' || isLed()) return
    if (led) former = [...former, led]
    lead(tab, options.watch(current.value, name))
  }

  return {
    led: () => led,
    elect,
    beat() {
      for (const each of former) if (each.tab.gate.state() === 'open') void each.session.stop()
      former = former.filter((each) => each.tab.gate.state() !== 'open')
    },
    forget(tab) {
      former = former.filter((each) => each.tab !== tab)
      if (led?.tab === tab) led = undefined
    }
  }
}
