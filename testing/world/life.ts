import type { Random } from '#testing/random.ts'
import type { Device } from './device.ts'
import { rough, roughBus } from './weather.ts'
import { PATHS, type World } from './world.ts'

/** What befalls a world: one thing at a time, drawn by its seed. */

export interface Deed {
  readonly name: string
  readonly weight: number
  readonly do: (world: World, random: Random) => unknown
}

const MAX_DEVICES = 4
const LONG_NOTE = 12_000

/** Every second world writes so much that its logs are compacted again and again. */
const isWordy = (world: World): boolean => world.seed % 4 < 2

const awake = (world: World): readonly Device[] => world.devices().filter((device) => device.isAwake())
const present = (world: World): readonly Device[] => world.devices().filter((device) => !device.isGone())

const someTab = (world: World, random: Random) => {
  const tabs = awake(world)
    .flatMap((device) => device.tabs().map((tab) => ({ device, tab })))
    .filter(({ tab }) => tab.gate.state() === 'open')
  return tabs.length === 0 ? undefined : random.pick(tabs)
}

const somePath = (random: Random) => random.pick([...PATHS, PATHS[2], PATHS[2], PATHS[2]] as typeof PATHS)

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,.'

/** Text that deflate cannot shrink much: long ones make a log worth compacting. */
const textOf = (world: World, device: Device, random: Random): string => {
  const length = random.chance(isWordy(world) ? 0.7 : 0.1)
    ? random.between(LONG_NOTE / 2, LONG_NOTE)
    : random.between(5, 60)
  const body = Array.from(random.bytes(length), (byte) => LETTERS[byte & 63]).join('')
  return `${markOf(device.incarnation())} ${device.name}: ${body}`
}

/** Begins each line, so that what belongs to an erased journal is known wherever it turns up. */
export const markOf = (incarnation: number): string => `life${incarnation}`

const write: Deed['do'] = (world, random) => {
  const place = someTab(world, random)
  if (!place) return
  const { tab, device } = place
  const path = somePath(random)
  const how = random.below(10)
  world.count('wrote')
  if (how < 6) tab.documents.write(path, textOf(world, device, random))
  else if (how < 8) tab.documents.edit(path, textOf(world, device, random))
  else tab.documents.remove(path)
  if (random.chance(0.3)) device.hide()
}

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

const AMONG_RELAYS: readonly Deed[] = [
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

export const draw = <Any extends { readonly weight: number }>(deeds: readonly Any[], random: Random): Any => {
  let left = random.below(deeds.reduce((sum, { weight }) => sum + weight, 0))
  for (const deed of deeds) {
    left -= deed.weight
    if (left < 0) return deed
  }
  throw new Error('no deed')
}

/** Plans a whole life ahead, so that what a device does draws nothing from what comes after. */
export const planLife = (world: World): number => {
  const random = world.random.fork()
  const span = random.pick([120_000, 600_000, 2_400_000])
  const deeds = random.between(20, 80)
  const perform = (deed: Deed): void => {
    world.count(`did ${deed.name}`)
    void deed.do(world, random)
  }
  for (let i = 0; i < deeds; i++) {
    const deed = draw((world.relays ?? 1) === 1 ? DEEDS : [...DEEDS, ...AMONG_RELAYS], random)
    world.scheduler.after(random.below(span), deed.name, () => perform(deed))
  }
  const blows = random.pick([0, 1, 1, 2, 3, 4])
  for (let i = 0; i < blows; i++) {
    const at = random.between(span / 4, span)
    world.scheduler.after(random.below(at), '', world.keepCopy)
    const blow = draw(BLOWS, random)
    world.scheduler.after(at, blow.name, () => perform(blow))
  }
  return span
}
