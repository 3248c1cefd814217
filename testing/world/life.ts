import type { Random } from '#testing/random.ts'
import { AMONG_RELAYS, BLOWS, DEEDS, type Deed } from './deeds.ts'
import type { World } from './world.ts'

/** What befalls a world: one thing at a time, drawn by its seed. */

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
