import type { Sha256 } from '#core/chain.ts'
import { err } from '#core/result.ts'
import type { EntryLog, EntryLogAdmin } from '#server/rooms/ports.ts'
import {
  copyMemoryDisk,
  createMemoryDisk,
  type MemoryDisk,
  type MemoryLedger
} from '#server/storage/memory/memory-disk.ts'
import { createMemoryLog } from '#server/storage/memory/memory-log.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'

/** A relay's disk: what was committed survives the process; what was under way at a kill did or did not happen. */

export type Store = EntryLog & EntryLogAdmin
export type Step = 'adopt' | 'append' | 'snapshot' | 'erase'

/** One change as it became durable: what was asked, and what the store answered. */
export type Committed = {
  [Name in Step]: {
    readonly step: Name
    readonly asked: Parameters<EntryLog[Name]>
    readonly answer: Awaited<ReturnType<EntryLog[Name]>>
  }
}[Step]

export interface DiskWeather {
  /** Chance that the process dies in a change, half the time before it is durable and half the time after. */
  readonly killChance: number
  /** Chance that a change fails with an I/O error and nothing kept. */
  readonly failChance: number
  readonly full: boolean
  readonly commitMs: { readonly from: number; readonly to: number }
}

export interface Disk {
  /** The store as one process sees it, of perhaps several. What was under way never comes back once it is unmounted or the disk replaced. */
  mount(onKill: (step: Step, when: 'before' | 'after') => void): Mounted
  /** What is durable now, read without a process. */
  readonly store: () => Store
  readonly bytes: () => MemoryDisk
  /** Puts an older copy in place, or an empty disk. The ledger of erasures lies beside the database and is kept or lost. */
  restore(copy: MemoryDisk | undefined, options: { readonly ledger: boolean }): void
  copy(): MemoryDisk
  /** Milliseconds since 1970 of the superseded rows to purge. */
  purge(before: number): Promise<number>
}

export interface Mounted {
  readonly log: EntryLog
  unmount(): void
}

/** For mutants: the same store with one of its promises taken out. */
export type Flaw = (store: Store, disk: MemoryDisk) => Store

const never = (): Promise<never> => new Promise(() => undefined)

export const createDisk = (options: {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly sha256: Sha256
  readonly now: () => number
  readonly rootBytes: number
  readonly weather: () => DiskWeather
  readonly committed: (change: Committed) => void
  readonly flaw?: Flaw | undefined
}): Disk => {
  const { scheduler, random, weather, sha256, now, rootBytes, flaw = (store: Store) => store } = options
  let disk = createMemoryDisk()
  let ledger: MemoryLedger = []
  const open = (): Store => flaw(createMemoryLog({ disk, ledger, sha256, now, rootBytes }), disk)
  let store = open()
  /** Rises when another disk is put in place. */
  let replaced = 0
  let freeAt = 0

  const wait = (name: string, ms: number): Promise<void> =>
    new Promise((resolve) => scheduler.after(ms, name, () => resolve()))
  const latency = (): number => random.between(weather().commitMs.from, weather().commitMs.to)

  const mount = (onKill: (step: Step, when: 'before' | 'after') => void): Mounted => {
    const of = replaced
    let isMounted = true
    const isAlive = (): boolean => isMounted && of === replaced

    const kill = (step: Step, when: 'before' | 'after'): Promise<never> => {
      isMounted = false
      onKill(step, when)
      return never()
    }

    const change = async <Name extends Step>(
      step: Name,
      asked: Parameters<EntryLog[Name]>,
      refused: (kind: 'store' | 'relay-full') => Awaited<ReturnType<EntryLog[Name]>>
    ): Promise<Awaited<ReturnType<EntryLog[Name]>>> => {
      const dies = random.chance(weather().killChance) ? (random.chance(0.5) ? 'before' : 'after') : undefined
      const fails = random.chance(weather().failChance)
      // One writer: changes become durable in the order they were asked for.
      freeAt = Math.max(freeAt, scheduler.now()) + latency()
      await wait(`disk ${step}`, freeAt - scheduler.now())
      if (!isAlive()) return never()
      if (dies === 'before') return kill(step, 'before')
      if (weather().full && step !== 'erase') return refused('relay-full')
      if (fails) return refused('store')
      const run = store[step] as (...args: Parameters<EntryLog[Name]>) => ReturnType<EntryLog[Name]>
      const answer = (await run(...asked)) as Awaited<ReturnType<EntryLog[Name]>>
      options.committed({ step, asked, answer } as unknown as Committed)
      if (dies === 'after') return kill(step, 'after')
      await wait('', latency() / 2)
      return isAlive() ? answer : never()
    }

    const read = async <Value>(run: () => Promise<Value>): Promise<Value> => {
      await wait('', latency() / 4)
      return isAlive() ? run() : never()
    }

    const refusal = (kind: 'store' | 'relay-full') =>
      err(kind === 'store' ? ({ kind, reason: 'injected' } as const) : ({ kind } as const))

    const log: EntryLog = {
      root: (...asked) => read(() => store.root(...asked)),
      readAfter: (...asked) => read(() => store.readAfter(...asked)),
      readSnapshot: (...asked) => read(() => store.readSnapshot(...asked)),
      head: (...asked) => read(() => store.head(...asked)),
      heads: (...asked) => read(() => store.heads(...asked)),
      adopt: (...asked) => change('adopt', asked, refusal),
      append: (...asked) => change('append', asked, (kind) => asked[0].map(() => refusal(kind))),
      snapshot: (...asked) => change('snapshot', asked, refusal),
      erase: (...asked) => change('erase', asked, refusal),
      close: async () => undefined
    }
    return {
      log,
      unmount: () => {
        isMounted = false
      }
    }
  }

  return {
    mount,
    store: () => store,
    bytes: () => disk,
    copy: () => copyMemoryDisk(disk),
    restore: (copy, kept) => {
      replaced++
      disk = copy === undefined ? createMemoryDisk() : copyMemoryDisk(copy)
      ledger = kept.ledger ? [...ledger] : [...disk.erasures.values()]
      store = open()
    },
    purge: (before) => store.purge(before)
  }
}
