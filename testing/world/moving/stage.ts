import { createMemoryLog } from '#app/log/memory.ts'
import type { LocalPractices } from '#app/sync/status.ts'
import type { SyncParts } from '#app/sync/sync-parts.ts'
import { createVault } from '#app/vault/create-vault.ts'
import type { RootId } from '#core/ids.ts'
import { createClock } from '#testing/clock.ts'
import { createInstantCrypto } from '#testing/instant-crypto.ts'
import { createRandom, type Random } from '#testing/random.ts'
import { createScheduler, type Scheduler } from '#testing/scheduler.ts'
import type { Direction } from '#testing/wire.ts'
import { type Count, type Counts, createCounts } from '#testing/world/counts.ts'
import { createDisk, type Disk } from '#testing/world/disk.ts'
import { createNetwork } from '#testing/world/network.ts'
import { createRelayHost, type RelayHost, sha256 } from '#testing/world/relay-host.ts'
import { calm, rough } from '#testing/world/weather.ts'
import { RELAY } from '#testing/world/world.ts'
import { createProfile, type Profile } from './profile.ts'

export interface StageOptions {
  readonly seed: number
  readonly flaw?: ((parts: SyncParts) => SyncParts) | undefined
  /** Sees every frame. */
  readonly overhear?: (direction: Direction, bytes: Uint8Array) => void
}

/** Two profiles with a phrase each, one relay and the network between. */
export interface Stage {
  readonly scheduler: Scheduler
  /** For what people do. */
  readonly random: Random
  readonly host: RelayHost
  readonly disk: Disk
  readonly a: Profile
  readonly b: Profile
  /** What B wants with the lines it has when it takes the phrase of A. */
  readonly choice: LocalPractices
  readonly count: Count
  readonly counts: Counts
  readonly problems: readonly string[]
  fail(what: string): void
  /** The root of the profile's keys; undefined while it has none. */
  rootOf(profile: Profile): Promise<RootId | undefined>
  /** Nothing fails any more. */
  calmDown(): void
}

export const createStage = ({ seed, flaw, overhear }: StageOptions): Stage => {
  const scheduler = createScheduler()
  const random = createRandom(seed)
  const crypto = createInstantCrypto(random.fork())
  const { count, counts } = createCounts()
  const problems: string[] = []
  const choice: LocalPractices = random.chance(0.75) ? 'bring' : 'discard'
  let weather = rough(random.fork())
  const fail = (what: string): void => {
    scheduler.note(`!! ${what}`)
    problems.push(`at ${Math.round(scheduler.now())} ms: ${what}`)
  }
  const disk = createDisk({
    scheduler,
    random: random.fork(),
    sha256,
    now: createClock(scheduler).wall,
    rootBytes: 8_000_000,
    weather: () => weather.disk,
    committed: () => undefined
  })
  const host = createRelayHost({
    scheduler,
    random: random.fork(),
    clock: createClock(scheduler),
    disk,
    weather: () => weather,
    address: RELAY,
    sha256,
    limits: { commitWindowMs: random.pick([0, 10]) },
    count,
    problem: fail
  })
  const network = createNetwork({
    scheduler,
    random: random.fork(),
    host,
    weather: () => weather,
    tap: () => (direction, bytes) => overhear?.(direction, bytes)
  })
  const profile = (name: string): Profile =>
    createProfile({
      name,
      scheduler,
      random: random.fork(),
      crypto,
      network,
      relay: RELAY,
      weather: () => weather,
      report: (problem) => scheduler.note(problem),
      flaw
    })
  const [a, b] = [profile('a'), profile('b')]

  return {
    scheduler,
    random: random.fork(),
    host,
    disk,
    a,
    b,
    choice,
    count,
    counts,
    problems,
    fail,
    async rootOf({ database }) {
      // Read past the pages: one that goes would never answer.
      const shelf = createMemoryLog({ database })
      const current = await createVault({ shelf, crypto, random: () => new Uint8Array() }).current()
      return current.ok ? current.value.root : undefined
    },
    calmDown() {
      weather = calm()
      host.start()
    }
  }
}
