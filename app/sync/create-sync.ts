import { deviceClock, type SyncedClock } from '#core/clock.ts'
import { err, ok } from '#core/result.ts'
import { chosenAddresses, isAllowed, keptAddress, parseRelayAddress, type RelayAddress } from './address.ts'
import { createCell } from './cell.ts'
import { createClockProbe } from './clock-probe.ts'
import { createErase, type Erase } from './erase.ts'
import { OFF } from './facts.ts'
import { createKeeper } from './keeper.ts'
import { createRestore } from './restore.ts'
import type { Observable, RestorePort, SyncFacts, SyncPort } from './status.ts'
import type { SyncParts } from './sync-parts.ts'
import { createTabs } from './tabs.ts'
import { keepVoucher } from './voucher.ts'

export interface Sync {
  readonly sync: SyncPort
  readonly restore: RestorePort
  readonly erase: Erase
  /** Synchronised time; the device's own until the relay's was heard. */
  readonly clock: Observable<SyncedClock>
  /** ws(s)://host of the relay for live things: the healthy one with the shortest way; null before any was reached. */
  readonly live: Observable<string | null>
  /** A practice was finished, a command is urgent, the page is being hidden: nothing waits for its timer. */
  urgent(): void
  close(): Promise<void>
}

/** Longer than erasing takes at a relay that answers late. */
const HOLD_AT_MOST_MS = 60_000

/** Everything the app does with a relay, for one profile. Speaks only in the tab that leads; the others show what it says. */
export const createSync = (parts: SyncParts): Sync => {
  const shown = createCell<SyncFacts>(OFF('nothing-kept-yet'))
  const clock = createCell<SyncedClock>(deviceClock(parts.clock.now(), parts.clock.mono()))
  const live = createCell<string | null>(null)
  const keeper = createKeeper(parts, createClockProbe(parts.clock, clock))
  const setShown = (facts: SyncFacts): void => {
    shown.set(facts)
    live.set(facts.live)
  }
  const leads = (): boolean => parts.leadership.state() === 'leading'

  const tabs = createTabs(parts.channel, parts.setTimer, {
    facts: (facts) => {
      if (!leads()) setShown({ ...facts, spokenByAnotherTab: true })
    },
    asked: () => {
      if (leads()) tabs.tell(keeper.facts.get())
    },
    urgent: () => keeper.sessions()?.urgent(),
    retry: () => keeper.sessions()?.retry(),
    hold: () => {
      cancelHold()
      // The tab that asked may go before it says `go`.
      cancelHold = parts.setTimer(HOLD_AT_MOST_MS, () => void goOn())
      return keeper.hold()
    },
    go: () => void goOn()
  })
  let cancelHold = (): void => {}
  const goOn = async (): Promise<void> => {
    cancelHold()
    await keeper.release()
    await resume()
  }
  const letGo = (): void => tabs.send('go')
  const erase = createErase(parts, keeper, leads, tabs.hold, letGo)
  const restore = createRestore(parts, keeper, leads, erase.owe, tabs.hold, letGo)

  const show = (): void => {
    if (!leads()) return
    setShown(keeper.facts.get())
    tabs.tell(keeper.facts.get())
  }

  /** What a crash cut short, here or in a tab that led before: whoever leads goes on with it. */
  const resume = async (): Promise<void> => {
    if (!leads()) return
    try {
      await erase.resume()
      await restore.resume()
    } catch (error) {
      parts.report(`sync, going on: ${String(error)}`)
    }
  }
  const follow = async (): Promise<void> => {
    await resume()
    await keeper.refresh()
    if (leads()) show()
    else tabs.ask()
  }

  /** The tab that led before may have died between writing and saying so. */
  const succeed = async (): Promise<void> => {
    await follow()
    if (leads()) await parts.log.hintAll()
  }

  /** The first thing kept is what keys are made for. */
  const onKept = (): void => {
    if (keeper.sessions() === undefined) void keeper.refresh()
  }

  const forget = [
    keeper.facts.subscribe(show),
    parts.leadership.subscribe(() => void succeed()),
    parts.relaySetting.subscribe(() => void keeper.refresh()),
    parts.log.subscribe(onKept)
  ]
  void follow()
  const retry = (): void => {
    if (!leads()) tabs.send('retry')
    else {
      keeper.sessions()?.retry()
      erase.retry()
    }
  }

  const choose = (relays: readonly RelayAddress[]): Promise<void> =>
    parts.relaySetting.set(relays.length === 0 ? 'none' : relays.map(keptAddress).join(' '))
  const chosen = (): readonly RelayAddress[] => {
    const { relays, refused } = chosenAddresses(parts)
    return [...relays, ...refused]
  }

  return {
    sync: {
      get: shown.get,
      subscribe: shown.subscribe,
      retry,
      addRelay: async (address) => {
        const parsed = parseRelayAddress(address, parts.page)
        if (!parsed.ok) return parsed
        if (chosen().some(({ name }) => name === parsed.value.name)) return err('already-chosen')
        if (!(await isAllowed(parts, parsed.value))) return err('not-allowed-by-page')
        await choose([...chosen(), parsed.value])
        return ok(undefined)
      },
      removeRelay: (relay) => choose(chosen().filter(({ name }) => name !== relay)),
      giveVoucher: async (word, relay) => {
        const address = chosen().find(({ name }) => relay === undefined || name === relay)
        if (address === undefined) return err('no-relay')
        if (!(await keepVoucher(parts.log, address.name, word))) return err('not-kept')
        retry()
        return ok(undefined)
      }
    },
    restore,
    erase,
    clock,
    live,
    urgent: () => (leads() ? keeper.sessions()?.urgent() : tabs.send('urgent')),
    close: async () => {
      for (const each of forget) each()
      await keeper.close()
      tabs.close()
    }
  }
}
