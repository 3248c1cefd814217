import type { Scheduler } from '#testing/scheduler.ts'
import type { Device } from './device.ts'
import { calm } from './weather.ts'
import type { World } from './world.ts'

/** The end of every world: nothing fails any more, and it goes on until nobody has anything left to say. */

const LOOK_EVERY_MS = 5_000

export interface Resting {
  readonly scheduler: Scheduler
  /** So long nobody may have anything to say. */
  readonly quietMs: number
  /** Given up after so long. */
  readonly withinMs: number
  /** Something is wrong already: what comes after shows nothing. */
  readonly hasFailed: () => boolean
  /** Who is not settled, and why. */
  readonly unsettled: () => Promise<string | undefined>
}

/** @returns why it never came to rest; undefined where it did, or has failed otherwise. */
export const untilAtRest = async (resting: Resting): Promise<string | undefined> => {
  const { scheduler, quietMs, withinMs, hasFailed } = resting
  const deadline = scheduler.now() + withinMs
  let why: string | undefined
  for (let quiet = 0; quiet < quietMs && !hasFailed(); quiet += LOOK_EVERY_MS) {
    await scheduler.runUntil(scheduler.now() + LOOK_EVERY_MS)
    why = await resting.unsettled()
    if (why !== undefined) quiet = 0
    if (scheduler.now() > deadline) break
  }
  return hasFailed() ? undefined : why
}

/** All jitters, back-offs and rests of the protocol fit in this many times over. */
const HEALING_MS = 4 * 3_600_000
/** Longer than the longest jitter before a repair: who is quiet so long has nothing more to say. */
const QUIET_MS = 90_000

export const present = (world: Pick<World, 'devices'>): readonly Device[] =>
  world.devices().filter((device) => !device.isGone())

/** Everybody who is not gone for good comes back, and the world rests. @param isSettled why a device is not */
export const heal = async (world: World, isSettled: (device: Device) => Promise<string | undefined>): Promise<void> => {
  world.setWeather(calm())
  world.host.start()
  world.host.heal()
  for (const device of present(world)) {
    device.wake()
    for (const tab of device.tabs()) tab.gate.thaw()
    device.setOnline(true)
  }
  const why = await untilAtRest({
    scheduler: world.scheduler,
    quietMs: QUIET_MS,
    withinMs: HEALING_MS,
    hasFailed: () => world.problems().length > 0,
    async unsettled() {
      const reasons: string[] = []
      for (const device of present(world)) {
        const reason = await isSettled(device)
        if (reason !== undefined) reasons.push(`${device.name} ${reason}`)
      }
      return reasons.length > 0 ? reasons.join('; ') : undefined
    }
  })
  if (why !== undefined) world.fail('WO8', `never came to rest: ${why}`)
}
