import { createLeadership, type Locks } from '#app/log/leader.ts'
import { foldDocument } from '#app/log/local-compaction.ts'
import { createMemoryLog, type MemoryDatabase, type MemoryLog } from '#app/log/memory.ts'
import { docBytes } from '#app/store/bytes.ts'
import type { Store } from '#app/store/face.ts'
import { createStore } from '#app/store/store.ts'
import { createSync, type Sync } from '#app/sync/create-sync.ts'
import type { SyncParts } from '#app/sync/sync-parts.ts'
import type { TabChannel } from '#app/sync/tabs.ts'
import { createVault } from '#app/vault/create-vault.ts'
import type { Vault } from '#app/vault/ports.ts'
import type { TestClock } from '#testing/clock.ts'
import { INSTANT_COMPRESSION } from '#testing/instant-compression.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import { createGate, type Gate } from '#testing/world/gate.ts'
import { sha256 } from '#testing/world/relay-host.ts'
import type { Weather } from '#testing/world/weather.ts'
import type { Air } from './air.ts'

/** One page of the app as app/compose joins it (store, folding, keys, leadership, sync), over a slow disk. */
export interface Page {
  readonly name: string
  readonly gate: Gate
  /** Past the slow disk: what the oracle reads. */
  readonly log: MemoryLog
  readonly vault: Vault
  readonly store: Store
  readonly sync: Sync
  readonly leads: () => boolean
  /** Folds what the disk holds, as a page does when nothing else is to be done. */
  fold(): Promise<void>
  /** Reloaded or closed: nothing it asked for is answered any more, what was committed stays. */
  kill(): void
}

export interface PageParts {
  readonly name: string
  readonly scheduler: Scheduler
  readonly random: Random
  readonly crypto: Crypto
  readonly database: MemoryDatabase
  readonly clock: TestClock
  readonly weather: () => Weather
  readonly locks: Locks
  readonly air: (channel: string) => Air
  /** Runs one thing at a time over all pages of the profile; a dead page lets go. */
  readonly exclusively: <Value>(run: () => Promise<Value>) => Promise<Value>
  readonly origin: string
  readonly dial: (gate: Gate) => SyncParts['dial']
  readonly forgotten: () => void
  readonly killed: (page: Page) => void
  readonly report: (problem: string) => void
  /** Mutants: one part exchanged. */
  readonly flaw?: ((parts: SyncParts) => SyncParts) | undefined
}

/** Verbs that are no transaction. */
const AT_ONCE = new Set(['subscribe', 'close', 'crash', 'database'])

/** Each transaction waits for its turn on a disk that others use too: whoever reads after a hint may read late. */
const slow = <Log extends object>(log: Log, wait: () => Promise<void>): Log => {
  let last: Promise<unknown> = Promise.resolve()
  const late =
    (verb: (...args: unknown[]) => unknown) =>
    (...args: unknown[]): Promise<unknown> => {
      const mine = last.then(wait).then(() => verb(...args))
      last = mine.catch(() => undefined)
      return mine
    }
  return Object.fromEntries(
    Object.entries(log).map(([name, verb]) => [name, AT_ONCE.has(name) ? verb : late(verb)])
  ) as Log
}

export const createPage = (parts: PageParts): Page => {
  const { name, scheduler, random, clock, weather } = parts
  const gate = createGate(scheduler)
  const draws = random.fork()
  let over = false

  const kill = (): void => {
    if (over) return
    over = true
    scheduler.note(`${name} goes`)
    gate.kill()
    raw.crash()
    // The browser frees a dead page's lock and channels in its own time.
    scheduler.after(draws.below(300), '', leadership.close)
    parts.killed(page)
  }

  const raw = createMemoryLog({
    database: parts.database,
    fate: ({ operation, mode }) => {
      if (gate.state() === 'dead' || mode === 'read') return 'proceed'
      const { crashChance } = weather().device
      if (!draws.chance(crashChance)) return 'proceed'
      const when = draws.pick(['crash-before', 'crash-after'] as const)
      scheduler.note(`${name} ${when} ${operation}`)
      gate.kill()
      scheduler.after(0, '', kill)
      return when
    }
  })
  const pace = draws.pick([
    [0, 2],
    [1, 20],
    [5, 300]
  ] as const)
  const wait = (): Promise<void> =>
    new Promise((resolve) => scheduler.after(draws.between(pace[0], pace[1]), '', gate.in(resolve)))
  const slowly = slow(raw, wait)
  const log = {
    ...slowly,
    subscribe: (changed: Parameters<typeof raw.subscribe>[0]) => raw.subscribe(gate.in(changed))
  }

  const store = createStore({
    log,
    shelf: log,
    randomId: () => draws.below(2 ** 40).toString(36),
    clientId: () => draws.below(2 ** 32),
    currentYear: 2026,
    idle: () => new Promise((resolve) => gate.setTimer(draws.between(1, 500), resolve)),
    retryLater: (run) => void gate.setTimer(15_000, run)
  })
  const vault = createVault({
    shelf: log,
    crypto: parts.crypto,
    random: draws.fork().bytes,
    compression: INSTANT_COMPRESSION,
    exclusively: parts.exclusively
  })
  const leadership = createLeadership({
    name: 'leader',
    locks: parts.locks,
    channel: parts.air('leader').join(gate),
    clock: { mono: clock.mono, setTimer: gate.setTimer },
    visible: () => true
  })
  const syncParts: SyncParts = {
    log,
    vault: async () => vault,
    docBytes,
    sha256,
    documents: store.paths,
    relaySetting: {
      get: () => store.settings.get().relay,
      subscribe: store.settings.subscribe,
      set: async (relay) => void (await store.dispatch({ kind: 'change-settings', change: { relay } }))
    },
    page: parts.origin,
    dial: parts.dial(gate),
    clock: { now: clock.wall, mono: clock.mono },
    random: () => draws.below(2 ** 32) / 2 ** 32,
    setTimer: gate.setTimer,
    leadership: { state: leadership.state, subscribe: (changed) => leadership.subscribe(gate.in(changed)) },
    channel: parts.air('network').join(gate) as TabChannel,
    deleteDatabase: async () => true,
    forgotten: parts.forgotten,
    report: (problem) => parts.report(`${name}: ${problem}`)
  }
  const sync = createSync(parts.flaw?.(syncParts) ?? syncParts)

  const page: Page = {
    name,
    gate,
    log: raw,
    vault,
    store,
    sync,
    leads: () => gate.state() === 'open' && leadership.state() === 'leading',
    fold: async () => {
      for (const path of store.paths.get()) await foldDocument(log, docBytes, path, draws.chance(0.5))
    },
    kill
  }
  return page
}
