import { deviceClock, type SyncedClock } from '#core/clock.ts'
import { err, ok } from '#core/result.ts'
import { mayDial, parseRelayAddress } from './address.ts'
import { createCell } from './cell.ts'
import { createClockProbe } from './clock-probe.ts'
import { createErase, type Erase } from './erase.ts'
import { addressOf, createKeeper, OFF } from './keeper.ts'
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
  const keeper = createKeeper(parts, createClockProbe(parts.clock, clock))
  const leads = (): boolean => parts.leadership.state() === 'leading'

  const tabs = createTabs(parts.channel, parts.setTimer, {
    facts: (facts) => {
      if (!leads()) shown.set({ ...facts, spokenByAnotherTab: true })
    },
    asked: () => {
      if (leads()) tabs.tell(keeper.facts.get())
    },
    urgent: () => keeper.runner()?.urgent(),
    retry: () => keeper.runner()?.retry(),
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
  const restore = createRestore(parts, keeper, leads, tabs.hold, letGo)
  const erase = createErase(parts, keeper, tabs.hold, letGo)

  const show = (): void => {
    if (!leads()) return
    shown.set(keeper.facts.get())
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

  /** The first thing kept is what keys are made for. */
  const onKept = (): void => {
    if (keeper.runner() === undefined) void keeper.refresh()
  }

  const forget = [
    keeper.facts.subscribe(show),
    parts.leadership.subscribe(() => void follow()),
    parts.relaySetting.subscribe(() => void keeper.refresh()),
    parts.log.subscribe(onKept)
  ]
  void follow()
  const retry = (): void => (leads() ? keeper.runner()?.retry() : tabs.send('retry'))

  return {
    sync: {
      get: shown.get,
      subscribe: shown.subscribe,
      retry,
      setRelay: async (address) => {
        if (address === null) {
          await parts.relaySetting.set('none')
          return ok(undefined)
        }
        const parsed = parseRelayAddress(address, parts.page)
        if (!parsed.ok) return parsed
        if (!mayDial(parsed.value, parts.page)) return err('not-allowed-by-page')
        await parts.relaySetting.set(address.trim())
        return ok(undefined)
      },
      giveVoucher: async (word) => {
        const address = addressOf(parts)
        if (address === undefined) return err('no-relay')
        if (!(await keepVoucher(parts.log, address.name, word))) return err('not-kept')
        retry()
        return ok(undefined)
      }
    },
    restore,
    erase,
    clock,
    urgent: () => (leads() ? keeper.runner()?.urgent() : tabs.send('urgent')),
    close: async () => {
      for (const each of forget) each()
      await keeper.close()
      tabs.close()
    }
  }
}
