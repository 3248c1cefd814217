import { decodeErasureProof } from '#core/certificate.ts'
import type { Direction } from '#testing/wire.ts'
import { judgeBytes } from './bounds.ts'
import { contentOf } from './contents.ts'
import type { Counts } from './counts.ts'
import type { Device } from './device.ts'
import { planLife } from './life.ts'
import { heal, present } from './rest.ts'
import { createWorld, PATHS, RELAY, type World, type WorldFlaws } from './world.ts'
import { markOf } from './writing.ts'

/** One seed from its first breath to the judgement. */
export interface Outcome {
  readonly seed: number
  /** Empty when everything held. */
  readonly problems: readonly string[]
  readonly counts: Counts
  readonly trace: readonly string[]
}

export const rerunCommand = (seed: number, relays = 1): string =>
  `npm run hunt -- --seed ${seed}${relays === 1 ? '' : ` --relays ${relays}`}`

const isSettled = async (world: World, device: Device): Promise<string | undefined> => {
  const facts = device.facts()
  const leader = device.leader()
  if (leader?.gate.state() !== 'open' || !facts) return 'has no leader'
  if (device.root() !== present(world)[0]?.root()) return 'lives under another root'
  if (facts.status.kind !== 'live') return JSON.stringify(facts.status)
  if (facts.status.waiting > 0) return `waits for ${facts.status.waiting} acknowledgements`
  if (!device.tabs().every((tab) => tab.documents.isKept())) return 'has edits in memory only'
  for (const path of PATHS) {
    const shard = await device.shardOf(path)
    const mine = await leader.log.shard(path, RELAY)
    const head = await world.disk.store().head({ root: device.root(), shard })
    if (!mine.ok || !head.ok) return `cannot be compared with the relay: ${path}`
    if (mine.value.cursor.seq !== head.value.seq)
      return `stands at ${mine.value.cursor.seq} of ${head.value.seq}: ${path}`
  }
  return undefined
}

/** Nothing of a journal that was erased is in the one that lives, and no relay keeps what a device can prove erased. */
const judgeErased = async (world: World, device: Device): Promise<void> => {
  const proofs = await device.leader()?.log.proofs()
  for (const { kind, bytes } of proofs?.ok ? proofs.value : []) {
    const proof = decodeErasureProof(bytes)
    if (kind !== 'erasure' || !proof.ok) continue
    if (!world.stored.isErased(proof.value.scope))
      world.fail('WO3', `${device.name} knows of an erasure that the relay forgot`)
  }
  for (const path of PATHS) {
    const content = contentOf(await device.load(path))
    for (let past = 0; past < device.incarnation(); past++) {
      if (content.includes(`${markOf(past)} `)) world.fail('WO3', `${path}: ${device.name} shows what was erased`)
    }
  }
}

/** A month later the graveyard is empty, and somebody comes with nothing but the phrase. */
const comeLate = async (world: World): Promise<void> => {
  await world.disk.purge(Number.POSITIVE_INFINITY)
  world.join()
  await heal(world, (device) => isSettled(world, device))
}

const judge = async (world: World): Promise<void> => {
  await world.oracle.judgeEnd(present(world), PATHS)
  for (const device of present(world)) await judgeErased(world, device)
  judgeBytes(world)
}

export const runWorld = async (options: {
  readonly seed: number
  readonly relays?: number
  readonly flaws?: WorldFlaws
  readonly overlook?: readonly string[]
  readonly overhear?: (direction: Direction, bytes: Uint8Array) => void
  /** Sees the world before it ends. */
  readonly look?: (world: World) => unknown
}): Promise<Outcome> => {
  const world = createWorld(options)
  const { scheduler } = world
  const judgeBadges = async (): Promise<void> => {
    for (const device of world.devices()) {
      const others = world.devices().filter((other) => other !== device)
      await world.oracle.judgeBadge(device.badge(), others)
    }
  }
  scheduler.onRest(judgeBadges)
  world.host.start()
  world.join()
  const span = planLife(world)
  await scheduler.runWhile(() => world.problems().length === 0 && scheduler.now() < span, span)
  if (world.problems().length === 0) await heal(world, (device) => isSettled(world, device))
  if (world.problems().length === 0) await comeLate(world)
  if (world.problems().length === 0) await judge(world)
  await options.look?.(world)
  return { seed: options.seed, problems: world.problems(), counts: world.counts, trace: scheduler.trace() }
}
