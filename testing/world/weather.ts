import { type BusWeather, CALM_BUS } from '#testing/bus.ts'
import type { Random } from '#testing/random.ts'
import type { WireWeather } from '#testing/wire.ts'
import type { DiskWeather } from './disk.ts'

/** How bad things are. One value a world, changed by its events, calm in the end. */
export interface Weather {
  wire: WireWeather
  disk: DiskWeather
  /** Between several relays of the store. */
  readonly bus: BusWeather
  /** Chance that one transaction of a device's own log fails, or that the tab dies in it. */
  /** The relay's machine is behind with its work: it asks for a pause. */
  relay: { readonly overloaded: boolean }
  device: { readonly failChance: number; readonly crashChance: number }
}

export const calm = (): Weather => ({
  wire: { delayMs: { from: 5, to: 60 }, cutChance: 0, repeatChance: 0 },
  disk: { killChance: 0, failChance: 0, full: false, commitMs: { from: 1, to: 10 } },
  relay: { overloaded: false },
  bus: CALM_BUS,
  device: { failChance: 0, crashChance: 0 }
})

/** Each world has its own mixture: one where everything fails at once hides what one fault alone would show. */
export const rough = (random: Random): Weather => {
  const some = (chance: number, value: number): number => (random.chance(chance) ? value * random.pick([0.3, 1, 3]) : 0)
  return {
    wire: {
      delayMs: random.pick([
        { from: 1, to: 5 },
        { from: 20, to: 200 },
        { from: 100, to: 3_000 }
      ]),
      cutChance: some(0.6, 0.01),
      repeatChance: some(0.5, 0.02)
    },
    disk: {
      killChance: some(0.7, 0.03),
      failChance: some(0.3, 0.02),
      full: false,
      commitMs: random.pick([
        { from: 1, to: 10 },
        { from: 5, to: 400 }
      ])
    },
    relay: { overloaded: false },
    bus: CALM_BUS,
    device: { failChance: some(0.3, 0.01), crashChance: some(0.4, 0.004) }
  }
}

/** Apart from the rest: a world of one relay draws nothing for it. */
export const roughBus = (random: Random): BusWeather => ({
  delayMs: random.pick([
    { from: 0, to: 3 },
    { from: 1, to: 100 },
    { from: 0, to: 4_000 }
  ]),
  loseChance: random.pick([0, 0.05, 0.5, 1]),
  doubleChance: random.pick([0, 0.2])
})
