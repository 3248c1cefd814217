import type { Random } from '#testing/random.ts'
import { BLOWS, DEEDS, type Deed } from '#testing/world/deeds.ts'
import { draw } from '#testing/world/life.ts'
import { awake } from '#testing/world/writing.ts'
import { NAMES, type RelaysWorld } from './world.ts'

/** What befalls a world of two relays: all that befalls one, and that relays are added, left, wiped and gone for ever. */

/** The relay that somebody keeps to, whatever happens. */
const standing = (world: RelaysWorld) => world.sites.filter((site) => !site.isGone())

interface RelaysDeed {
  readonly name: string
  readonly weight: number
  readonly do: (world: RelaysWorld, random: Random) => unknown
}

const OWN_DEEDS: readonly RelaysDeed[] = [
  {
    name: 'relays chosen',
    weight: 10,
    do: (world, random) => {
      const devices = awake(world)
      if (devices.length === 0) return
      const device = random.pick(devices)
      const alive = standing(world).map(({ name }) => name)
      world.choose(device, random.pick([NAMES, NAMES, [random.pick(alive)]]))
    }
  },
  {
    name: 'one relay away',
    weight: 10,
    do: (world, random) => {
      // It starts by itself after a while; killed again and again it is away for minutes.
      const { host } = random.pick(world.sites)
      for (let i = 0; i < 12; i++) world.scheduler.after(i * 10_000, '', () => host.kill('for a while'))
    }
  }
]

const OWN_BLOWS: readonly RelaysDeed[] = [
  {
    name: 'relay gone for ever',
    weight: 4,
    do: (world, random) => {
      const left = standing(world)
      if (left.length > 1) random.pick(left).vanish()
    }
  },
  { name: 'relay wiped', weight: 4, do: (world, random) => random.pick(standing(world)).replace(undefined) },
  {
    name: 'relay put back',
    weight: 4,
    do: (world, random) => {
      const site = random.pick(standing(world))
      const copies = site.copies()
      return copies.length > 0 ? site.replace(random.pick(copies)) : undefined
    }
  }
]

const isOther = ({ name }: Deed): boolean => !['older copy', 'empty disk', 'erase everywhere'].includes(name)

export const planRelaysLife = (world: RelaysWorld): number => {
  const random = world.random.fork()
  const span = random.pick([120_000, 600_000, 2_400_000])
  const perform = (deed: RelaysDeed): void => {
    world.count(`did ${deed.name}`)
    void deed.do(world, random)
  }
  for (let i = random.between(20, 80); i > 0; i--) {
    const deed = draw<RelaysDeed>([...DEEDS, ...OWN_DEEDS], random)
    world.scheduler.after(random.below(span), deed.name, () => perform(deed))
  }
  for (let i = random.pick([0, 1, 1, 2, 3]); i > 0; i--) {
    const at = random.between(span / 4, span)
    world.scheduler.after(random.below(at), '', world.keepCopy)
    const blow = draw<RelaysDeed>([...BLOWS.filter(isOther), ...OWN_BLOWS], random)
    world.scheduler.after(at, blow.name, () => perform(blow))
  }
  return span
}
