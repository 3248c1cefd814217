import { type BusWeather, CALM_BUS } from '#testing/bus.ts'
import type { Random } from '#testing/random.ts'
import type { WireWeather } from '#testing/wire.ts'

/** How bad things are. One value a world, changed by its events, calm in the end. */
export interface Weather {
  /** The world is being healed: who dials now gets a good line. */
  readonly isCalm: boolean
  wire: WireWeather
  disk: {
    readonly killChance: number
    readonly failChance: number
    readonly waitMs: { readonly from: number; readonly to: number }
  }
  bus: BusWeather
  merger: { readonly failChance: number; readonly faultChance: number; readonly waitMs: number }
}

export const calm = (): Weather => ({
  isCalm: true,
  wire: { delayMs: { from: 2, to: 30 }, cutChance: 0, repeatChance: 0 },
  disk: { killChance: 0, failChance: 0, waitMs: { from: 1, to: 10 } },
  bus: CALM_BUS,
  merger: { failChance: 0, faultChance: 0, waitMs: 20 }
})

/** Each world has its own mixture: one where everything fails at once hides what one fault alone would show. */
export const rough = (random: Random): Weather => {
  const some = (chance: number, value: number): number => (random.chance(chance) ? value * random.pick([0.3, 1, 3]) : 0)
  return {
    isCalm: false,
    wire: {
      delayMs: random.pick([
        { from: 1, to: 5 },
        { from: 20, to: 200 },
        { from: 50, to: 1_500 }
      ]),
      cutChance: some(0.5, 0.005),
      repeatChance: 0
    },
    disk: {
      killChance: some(0.6, 0.02),
      failChance: some(0.4, 0.02),
      waitMs: random.pick([
        { from: 0, to: 5 },
        { from: 2, to: 300 }
      ])
    },
    bus: CALM_BUS,
    merger: { failChance: some(0.3, 0.05), faultChance: some(0.3, 0.2), waitMs: random.pick([0, 50, 1_000]) }
  }
}
