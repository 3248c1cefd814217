import type { RelayName } from '#app/store/ports.ts'
import type { DeviceId } from '#core/ids.ts'
import type { MemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createClock } from '#testing/clock.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Count, Fail } from '#testing/world/counts.ts'
import { createDisk, type Disk } from '#testing/world/disk.ts'
import { createNetwork, type Network } from '#testing/world/network.ts'
import { createOracle, type Oracle } from '#testing/world/oracle.ts'
import type { Registry } from '#testing/world/registry.ts'
import { createRelayHost, type RelayHost, sha256 } from '#testing/world/relay-host.ts'
import { createStored, type Stored } from '#testing/world/stored.ts'
import type { Weather } from '#testing/world/weather.ts'
import { createWiretap } from '#testing/world/wiretap.ts'

/** One relay with a machine, a disk and a wire of its own: nothing that befalls it befalls another. */
export interface Site {
  readonly name: RelayName
  readonly host: RelayHost
  readonly disk: Disk
  readonly stored: Stored
  readonly oracle: Oracle
  readonly network: Network
  /** Its disk is lost, or put back from a copy. */
  replace(copy: MemoryDisk | undefined): Promise<void>
  keepCopy(): void
  copies(): readonly MemoryDisk[]
  /** Machine and disk are gone for ever. */
  vanish(): void
  isGone(): boolean
}

export const createSite = (options: {
  readonly name: RelayName
  readonly scheduler: Scheduler
  readonly random: Random
  readonly registry: Registry
  readonly weather: () => Weather
  readonly cloned: (device: DeviceId) => boolean
  readonly count: Count
  readonly fail: Fail
}): Site => {
  const { name, scheduler, random, registry, weather, count } = options
  const fail: Fail = (rule, what) => options.fail(rule, `${name}: ${what}`)
  const clock = createClock(scheduler)
  const keepsNoGraves = random.chance(0.4)
  const copies: MemoryDisk[] = []
  let isGone = false

  const stored = createStored({ registry, cloned: options.cloned, fail })
  const disk: Disk = createDisk({
    scheduler,
    random: random.fork(),
    sha256,
    now: clock.wall,
    rootBytes: 8_000_000,
    weather: () => weather().disk,
    committed: (change) => {
      stored.committed(change)
      if (keepsNoGraves && change.step === 'snapshot' && change.answer.ok)
        scheduler.after(0, '', () => disk.purge(Number.POSITIVE_INFINITY))
    }
  })
  const host = createRelayHost({
    scheduler,
    random: random.fork(),
    clock,
    disk,
    weather,
    address: name,
    sha256,
    limits: { bufferBytes: random.pick([1_000_000, 20_000]), pageBytes: random.pick([256_000, 3_000]) },
    count,
    problem: (what) => fail('WO2', what)
  })
  const oracle = createOracle({ registry, stored, store: disk.store, sha256, fail })
  const network = createNetwork({
    scheduler,
    random: random.fork(),
    // It starts itself again after a kill; what is gone answers nobody.
    host: { ...host, connect: (wire, address) => !isGone && host.connect(wire, address) },
    weather,
    tap: () => createWiretap({ stored, sha256, count, acknowledged: oracle.acknowledged, fail }).frame
  })

  return {
    name,
    host,
    disk,
    stored,
    oracle,
    network,
    replace: async (copy) => {
      if (isGone) return
      host.kill(copy ? 'for an older copy' : 'for an empty disk')
      if (!copy) host.takeNewKeys()
      disk.restore(copy, { ledger: true })
      stored.replaced(disk.bytes())
      await oracle.relayReplaced()
    },
    keepCopy: () => {
      copies.push(disk.copy())
    },
    copies: () => copies,
    vanish: () => {
      scheduler.note(`${name} is gone for ever`)
      count('relay gone')
      isGone = true
      host.kill('for ever')
    },
    isGone: () => isGone
  }
}
