import type { RelayName } from '#app/store/ports.ts'
import { holdsEverything } from '#app/sync/status.ts'
import { judgeBytes } from '#testing/world/bounds.ts'
import { contains, contentOf } from '#testing/world/contents.ts'
import type { Device } from '#testing/world/device.ts'
import { sha256 } from '#testing/world/relay-host.ts'
import { readShard } from '#testing/world/relay-reading.ts'
import { heal, present } from '#testing/world/rest.ts'
import type { Outcome } from '#testing/world/run.ts'
import { PATHS } from '#testing/world/world.ts'
import { planRelaysLife } from './life.ts'
import { createRelaysWorld, NAMES, type RelaysWorld } from './world.ts'

/** One seed of the world of independent relays, from its first breath to the judgement. */

export const relaysCommand = (seed: number): string => `npm run hunt -- --independent --seed ${seed}`

const standing = (world: RelaysWorld) => world.sites.filter((site) => !site.isGone())
const usersOf = (world: RelaysWorld, name: RelayName): readonly Device[] =>
  present(world).filter((device) => world.chosen(device).includes(name))

const isSettled = async (world: RelaysWorld, device: Device): Promise<string | undefined> => {
  const leader = device.leader()
  const facts = device.facts()
  if (leader?.gate.state() !== 'open' || !facts) return 'has no leader'
  if (!device.tabs().every((tab) => tab.documents.isKept())) return 'has edits in memory only'
  for (const { name, disk } of standing(world)) {
    if (!world.chosen(device).includes(name)) continue
    const relay = facts.relays.find((each) => each.relay === name)
    if (!relay || !holdsEverything(relay)) return `at ${name}: ${JSON.stringify(relay?.status)}`
    for (const path of PATHS) {
      const shard = await device.shardOf(path)
      const mine = await leader.log.shard(path, name)
      const head = await disk.store().head({ root: device.root(), shard })
      if (!mine.ok || !head.ok || mine.value.cursor.seq !== head.value.seq)
        return `is not at the head of ${name}: ${path}`
    }
  }
  return undefined
}

/** Whose only relay is gone chooses another; and somebody uses what all of them use, or what one has could not reach the other. */
const rejoin = (world: RelaysWorld): void => {
  const names = standing(world).map(({ name }) => name)
  for (const device of present(world))
    if (!world.chosen(device).some((name) => names.includes(name))) world.choose(device, names)
  const isBridge = (device: Device): boolean => names.every((name) => world.chosen(device).includes(name))
  const [first] = present(world)
  if (first !== undefined && !present(world).some(isBridge)) world.choose(first, NAMES)
}

/** With nothing but the phrase, from one relay that is left. */
const comeLate = async (world: RelaysWorld): Promise<void> => {
  for (const { disk, name } of standing(world)) {
    await disk.purge(Number.POSITIVE_INFINITY)
    if (usersOf(world, name).length > 0) world.joinAt([name])
  }
  await heal(world, (device) => isSettled(world, device))
}

const judge = async (world: RelaysWorld): Promise<void> => {
  for (const site of standing(world)) {
    const users = usersOf(world, site.name)
    if (users.length === 0) continue
    await site.oracle.judgeEnd(users, PATHS)
    judgeBytes({ ...world, disk: site.disk })
  }
  const [first, ...others] = present(world)
  for (const path of PATHS)
    for (const other of others)
      if (first !== undefined && contentOf(await first.load(path)) !== contentOf(await other.load(path)))
        world.fail('WO8', `${path}: ${other.name} shows something else than ${first.name}`)
}

/** What a badge says of each relay is so on that relay's disk. */
const judgeBadges = async (world: RelaysWorld): Promise<void> => {
  for (const device of world.devices()) {
    if (device.isGone() || device.leader()?.gate.state() !== 'open') continue
    for (const relay of device.facts()?.relays ?? []) {
      const site = world.sites.find(({ name }) => name === relay.relay)
      if (!site || !holdsEverything(relay)) continue
      const looked = `${site.stored.version()}/${device.held().version()}`
      const key = `${device.name} ${site.name}`
      if (looks.get(world)?.get(key) === looked) continue
      looks.set(world, (looks.get(world) ?? new Map()).set(key, looked))
      world.count('badge judged')
      for (const [path, doc] of device.held().own) {
        const shard = await device.shardOf(path)
        const readable = await readShard(site.disk.store(), world.registry, sha256, { root: device.root(), shard })
        if (readable && !contains(readable.doc, doc))
          world.fail(
            'WO5',
            `${path}: ${device.name} says that ${site.name} has everything, and it lacks what was written`
          )
      }
    }
  }
}
const looks = new WeakMap<RelaysWorld, Map<string, string>>()

export const runRelays = async ({
  seed,
  look
}: {
  readonly seed: number
  /** Sees the world before it ends. */
  readonly look?: (world: RelaysWorld) => unknown
}): Promise<Outcome> => {
  const world = createRelaysWorld(seed)
  const { scheduler } = world
  scheduler.onRest(() => judgeBadges(world))
  world.host.start()
  world.joinAt(NAMES)
  const span = planRelaysLife(world)
  await scheduler.runWhile(() => world.problems().length === 0 && scheduler.now() < span, span)
  rejoin(world)
  if (world.problems().length === 0) await heal(world, (device) => isSettled(world, device))
  if (world.problems().length === 0) await comeLate(world)
  if (world.problems().length === 0) await judge(world)
  await look?.(world)
  return { seed, problems: world.problems(), counts: world.counts, trace: scheduler.trace() }
}
