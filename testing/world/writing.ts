import type { Random } from '#testing/random.ts'
import type { Device } from './device.ts'
import { PATHS, type World } from './world.ts'

/** What people write in a world. */

const LONG_NOTE = 12_000

/** Devices that may be doing something. */
export const awake = (world: World): readonly Device[] => world.devices().filter((device) => device.isAwake())

/** Every second world writes so much that its logs are compacted again and again. */
const isWordy = (world: World): boolean => world.seed % 4 < 2

/** One that is open, of any device. */
export const someTab = (world: World, random: Random) => {
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

export const write = (world: World, random: Random): void => {
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
