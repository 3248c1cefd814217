import { createMemoryDatabase, type MemoryDatabase } from '#app/log/memory.ts'
import { createLocks } from '#app/log/tabs.fixture.ts'
import type { SyncParts } from '#app/sync/sync-parts.ts'
import { createTurns } from '#app/vault/in-turn.ts'
import { createClock } from '#testing/clock.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Wire } from '#testing/wire.ts'
import type { Gate } from '#testing/world/gate.ts'
import type { Network } from '#testing/world/network.ts'
import type { Weather } from '#testing/world/weather.ts'
import { RELAY } from '#testing/world/world.ts'
import { type Air, createAir } from './air.ts'
import { createPage, type Page } from './page.ts'

/** One browser profile: a database, and pages that come and go. */
export interface Profile {
  readonly name: string
  readonly database: MemoryDatabase
  readonly pages: () => readonly Page[]
  /** It was told to load anew: nobody writes there any more. */
  isCondemned(page: Page): boolean
  open(): void
  /** The page goes and comes back, as with a bookmark or F5. */
  reload(page: Page): void
  cut(): void
}

export const createProfile = (options: {
  readonly name: string
  readonly scheduler: Scheduler
  readonly random: Random
  readonly crypto: Crypto
  readonly network: Network
  readonly relay: string
  readonly weather: () => Weather
  readonly report: (problem: string) => void
  readonly flaw?: ((parts: SyncParts) => SyncParts) | undefined
}): Profile => {
  const { name, scheduler, random, network } = options
  const database = createMemoryDatabase()
  const locks = createLocks()
  const turns = createTurns()
  const airs = new Map<string, Air>()
  const clock = createClock(scheduler, random.between(-60_000, 60_000), 1)
  const bytesPerMs = random.pick([2, 20, 200])
  let pages: readonly Page[] = []
  let wires: readonly Wire[] = []
  const condemned = new Set<Page>()
  let opened = 0

  const air = (channel: string): Air => {
    const known = airs.get(channel) ?? createAir(scheduler, random.fork())
    airs.set(channel, known)
    return known
  }

  const open = (): void => {
    const dead = Promise.withResolvers<never>()
    dead.promise.catch(() => undefined)
    const mine: Wire[] = []
    const page = createPage({
      ...options,
      name: `${name}${++opened}`,
      random: random.fork(),
      database,
      clock,
      locks,
      air,
      exclusively: (run) => turns(() => Promise.race([run(), dead.promise])),
      origin: `https://${options.relay}`,
      dial: (gate: Gate) => {
        const dial = network.dialFrom({
          name: `${name}${opened}`,
          isOnline: () => gate.state() === 'open',
          bytesPerMs,
          in: gate.in,
          wired: (wire) => {
            mine.push(wire)
            wires = [...wires.filter((each) => each.open()), wire]
          }
        })
        return (_, on) => dial(RELAY, on)
      },
      forgotten: () => {
        for (const each of pages) {
          condemned.add(each)
          scheduler.after(random.between(0, 50), '', () => reload(each))
        }
      },
      killed: (gone) => {
        pages = pages.filter((each) => each !== gone)
        for (const wire of mine) wire.cut()
        dead.reject(new Error('the page is gone'))
        // Nobody leaves the app closed for long.
        scheduler.after(random.between(50, 8_000), '', () => pages.length === 0 && open())
      }
    })
    scheduler.note(`${page.name} comes`)
    pages = [...pages, page]
  }

  const reload = (page: Page): void => {
    if (!pages.includes(page)) return
    page.kill()
    scheduler.after(random.between(20, 400), '', open)
  }

  return {
    name,
    database,
    pages: () => pages,
    isCondemned: (page) => condemned.has(page),
    open,
    reload,
    cut: () => {
      for (const wire of wires) wire.cut()
    }
  }
}
