import type { Random } from '#testing/random.ts'
import type { Device } from './device.ts'
import { present } from './rest.ts'
import { rough, roughBus } from './weather.ts'
import type { World } from './world.ts'
import { awake, someTab, write } from './writing.ts'

/** What may befall a world. */

export interface Deed {
  readonly name: string
  readonly weight: number
  readonly do: (world: World, random: Random) => unknown
}

const MAX_DEVICES = 4

const withDevice =
  (run: (device: Device, world: World, random: Random) => unknown): Deed['do'] =>
  (world, random) => {
    const devices = awake(world)
    return devices.length > 0 ? run(random.pick(devices), world, random) : undefined
  }

const later = (world: World, random: Random, run: () => void): void => {
  world.scheduler.after(random.pick([3_000, 20_000, 120_000, 400_000]) * (0.5 + random.below(100) / 100), '', run)
}

export const DEEDS: readonly Deed[] = [
  { name: 'write', weight: 60, do: write },
  {
    name: 'burst',
    weight: 6,
    do: (world, random) => {
      for (let i = 0; i < 8; i++) write(world, random)
    }
  },
  {
    name: 'sleep',
    weight: 5,
    do: withDevice((device, world, random) => {
      device.sleep()
      later(world, random, device.wake)
    })
  },
  {
    name: 'offline',
    weight: 6,
    do: withDevice((device, world, random) => {
      device.setOnline(false)
      later(world, random, () => device.setOnline(true))
    })
  },
  {
    name: 'cut',
    weight: 4,
    do: withDevice((device) => {
      for (const wire of device.wires()) wire.cut()
    })
  },
  {
    name: 'second tab',
    weight: 3,
    do: withDevice((device) => (device.tabs().length < 2 ? device.openTab() : undefined))
  },
  {
    name: 'tab dies',
    weight: 4,
    do: (world, random) => {
      const place = someTab(world, random)
      world.count('tab died')
      place?.tab.kill()
    }
  },
  {
    name: 'tab freezes',
    weight: 3,
    do: (world, random) => {
      const tab = someTab(world, random)?.tab
      if (!tab) return
      world.count('tab froze')
      tab.gate.freeze()
      later(world, random, () => tab.gate.thaw())
    }
  },
  {
    name: 'join',
    weight: 3,
    do: (world) => {
      if (world.devices().length < MAX_DEVICES) world.join()
    }
  },
  {
    name: 'vanish',
    weight: 1,
    do: withDevice((device, world) => {
      if (present(world).length < 2) return
      world.count('device vanished')
      device.vanish()
    })
  },
  {
    name: 'clock set',
    weight: 1,
    do: withDevice((device, _, random) => device.clock.skew(random.between(-3_600_000, 3_600_000)))
  },
  { name: 'relay killed', weight: 3, do: (world) => world.host.kill('by hand') },
  { name: 'relay restarts', weight: 2, do: (world) => world.host.restartGently() },
  {
    name: 'relay full',
    weight: 2,
    do: (world, random) => {
      const disk = (full: boolean): void => {
        const weather = world.weather()
        world.setWeather({ ...weather, disk: { ...weather.disk, full } })
      }
      disk(true)
      world.scheduler.after(random.between(5_000, 60_000), '', () => disk(false))
    }
  },
  {
    name: 'relay overloaded',
    weight: 2,
    do: (world, random) => {
      const relay = (overloaded: boolean): void => world.setWeather({ ...world.weather(), relay: { overloaded } })
      relay(true)
      world.scheduler.after(random.between(1_000, 30_000), '', () => relay(false))
    }
  },
  { name: 'power cut', weight: 3, do: withDevice((device) => device.losePower()) },
  {
    name: 'half-open',
    weight: 3,
    do: withDevice((device, world) => {
      if (device.wires().length > 0) world.count('wire went silent')
      for (const wire of device.wires()) wire.hang()
    })
  },
  {
    name: 'purge',
    weight: 5,
    do: async (world) => {
      if ((await world.disk.purge(Number.POSITIVE_INFINITY)) > 0) world.count('purged')
    }
  },
  {
    name: 'weather',
    weight: 2,
    do: (world, random) => world.setWeather({ ...rough(random.fork()), bus: world.weather().bus })
  }
]

/** A stopped process, and a bus that is away: shorter and longer than a relay is waited for. */
const AWAY_MS = [5_000, 40_000, 120_000]

export const AMONG_RELAYS: readonly Deed[] = [
  { name: 'relay freezes', weight: 6, do: (world, random) => world.host.freeze(random.pick(AWAY_MS)) },
  { name: 'bus away', weight: 4, do: (world, random) => world.host.cutBus(random.pick(AWAY_MS)) },
  {
    name: 'bus weather',
    weight: 2,
    do: (world, random) => world.setWeather({ ...world.weather(), bus: roughBus(random) })
  },
  { name: 'relay killed', weight: 3, do: (world) => world.host.kill('by hand') }
]

/** Rare and heavy: at most a few in a world, some in none. */
export const BLOWS: readonly Deed[] = [
  { name: 'older copy', weight: 4, do: (world, random) => restore(world, random) },
  { name: 'empty disk', weight: 2, do: (world, random) => world.restoreRelay(undefined, random.chance(0.5)) },
  { name: 'erase everywhere', weight: 4, do: withDevice((device) => device.eraseEverywhere()) },
  {
    name: 'profile copied',
    weight: 2,
    do: withDevice((device, world) => {
      if (world.devices().length < MAX_DEVICES && device.keyholder()) world.clone(device)
    })
  }
]

const restore = (world: World, random: Random): unknown => {
  const copies = world.copies()
  return copies.length > 0 ? world.restoreRelay(random.pick(copies), random.chance(0.5)) : undefined
}
