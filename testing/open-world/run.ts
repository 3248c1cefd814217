import { isDeepStrictEqual } from 'node:util'
import * as Y from 'yjs'
import type { RoomName } from '#server/rooms/open-ports.ts'
import type { Counts } from '#testing/world/counts.ts'
import type { Client } from './client.ts'
import { contentOf } from './edits.ts'
import { updateOn } from './held-bytes.ts'
import { expectedIn, planLife } from './life.ts'
import { calm } from './weather.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

export interface Outcome {
  readonly seed: number
  /** Empty when everything held. */
  readonly problems: readonly string[]
  readonly counts: Counts
  readonly trace: readonly string[]
}

export const rerunCommand = (seed: number, relays = 1): string =>
  `npm run hunt -- --world open --seed ${seed}${relays === 1 ? '' : ` --relays ${relays}`}`

const LOOK_EVERY_MS = 10_000
/** Longer than a presence lives at a client that hears nothing of it, and than a dead socket at the relay. */
const QUIET_MS = 60_000
const HEALING_MS = 15 * 60_000
/** Until a room that everybody has left is rewritten and forgotten, failures before it included. */
const FORGETTING_MS = 60_000

type Clocks = Map<number, number>

const living = (world: World): readonly Client[] => world.clients().filter((client) => !client.isGone())

const diskOf = (world: World, room: string): Uint8Array => updateOn(world.host.disk.rooms.get(room as RoomName))

const statesOf = (client: Client): Record<string, unknown> =>
  Object.fromEntries([...client.awareness.getStates()].sort(([a], [b]) => a - b))

/** Who should be seen in a room. */
const presentIn = (world: World, room: string): Record<string, unknown> =>
  Object.fromEntries(
    living(world)
      .filter((client) => client.room === room && client.awareness.getLocalState() !== null)
      .map((client) => [client.doc.clientID, client.awareness.getLocalState()] as const)
      .sort(([a], [b]) => a - b)
  )

const deletionsOf = (doc: Y.Doc): unknown =>
  [...Y.createDeleteSetFromStructStore(doc.store).clients]
    .sort(([one], [other]) => one - other)
    .map(([client, list]) => [client, list.map(({ clock, len }) => [clock, len])])

/** What waits for edits that went down with a device is in neither. */
const sameDocument = (a: Y.Doc, b: Y.Doc): string | undefined => {
  const [has, wants] = [a, b].map((doc) => Y.decodeStateVector(Y.encodeStateVector(doc))) as [Clocks, Clocks]
  for (const client of new Set([...has.keys(), ...wants.keys()])) {
    const [mine, other] = [has.get(client) ?? 0, wants.get(client) ?? 0]
    if (mine !== other) return `holds ${client} to ${mine} and not to ${other}`
  }
  return isDeepStrictEqual(contentOf(a), contentOf(b)) ? undefined : 'shows something else'
}

/** Deletions that follow from others are in documents, and in rows only once they were rewritten. */
const loaded = (update: Uint8Array): Y.Doc => {
  const doc = new Y.Doc({ guid: 'document' })
  Y.applyUpdate(doc, update)
  return doc
}

const unsettled = (world: World): string | undefined => {
  for (const room of world.rooms) {
    const onDisk = diskOf(world, room)
    const expected = expectedIn(world, room, onDisk)
    const stored = sameDocument(loaded(onDisk), expected)
    if (stored !== undefined) return `[OR13] the disk of ${room} ${stored}`
    const present = presentIn(world, room)
    let deletions: unknown
    for (const client of living(world)) {
      if (client.room !== room) continue
      if (!client.isSynced()) return `[OR5] ${client.name} is not synced`
      const shown = sameDocument(client.doc, expected)
      if (shown !== undefined) return `[OR13] ${client.name} in ${room} ${shown}`
      // Not those of the expected one: Yjs tidies up after formatting in each document that somebody reads.
      deletions ??= deletionsOf(client.doc)
      if (!isDeepStrictEqual(deletionsOf(client.doc), deletions)) return `[OR13] ${client.name} has other deletions`
      if (!isDeepStrictEqual(statesOf(client), present)) {
        return `[OR16] ${client.name} sees ${JSON.stringify(statesOf(client))} and not ${JSON.stringify(present)}`
      }
    }
  }
  return undefined
}

const heal = async (world: World): Promise<void> => {
  world.setWeather(calm())
  world.host.start()
  world.host.heal()
  for (const client of living(world)) client.setOnline(true)
  const deadline = world.scheduler.now() + HEALING_MS
  let why: string | undefined
  for (let quiet = 0; quiet < QUIET_MS; quiet += LOOK_EVERY_MS) {
    await world.scheduler.runUntil(world.scheduler.now() + LOOK_EVERY_MS)
    why = unsettled(world)
    if (why !== undefined) quiet = 0
    if (world.problems().length > 0 || world.scheduler.now() > deadline) break
  }
  if (why !== undefined && world.problems().length === 0) world.fail('OR13', `never came to rest: ${why}`)
}

const judgeMemory = (world: World): void => {
  const relays = world.host.relays()
  if (relays.length !== world.relays) world.fail('OR19', `${relays.length} relays run`)
  for (const { counters } of relays) {
    const { connections, rooms, queuedBytes, behind, recentBytes, rebuildsWaiting } = counters
    const held = { connections, rooms, queuedBytes, behind, recentBytes, rebuildsWaiting }
    for (const [what, amount] of Object.entries(held)) {
      if (amount !== 0) world.fail('OR19', `after all have left the relay holds ${amount} ${what}`)
    }
  }
}

/** Longer than a tick at each of two relays on a slow line, and than a lease. */
const SOON_MS = 5_000
const LEASE_MS = 50_000

const mustNotSee = (world: World, gone: Client, why: string): void => {
  for (const client of living(world)) {
    if (client === gone || client.room !== gone.room || !client.awareness.getStates().has(gone.doc.clientID)) continue
    world.fail('OR16', `${client.name} sees ${gone.name}, who ${why}`)
  }
}

/** One loses the line, and one goes down together with its relay. */
const judgeLeaving = async (world: World): Promise<void> => {
  const { scheduler, random, host } = world
  const [cut, drowned] = [world.join(world.rooms[0] ?? ''), world.join(world.rooms[0] ?? '')]
  await scheduler.runUntil(scheduler.now() + LOOK_EVERY_MS)
  cut.setOnline(false)
  await scheduler.runUntil(scheduler.now() + SOON_MS)
  mustNotSee(world, cut, 'lost the line')
  cut.leave()
  const wire = drowned.wire()
  const machine = wire && host.machineOf(wire)
  drowned.vanish()
  machine?.kill('for good')
  await scheduler.runUntil(scheduler.now() + LEASE_MS)
  const late = world.join(drowned.room)
  await scheduler.runUntil(scheduler.now() + LOOK_EVERY_MS)
  mustNotSee(world, drowned, 'went down with its relay')
  late.leave()
  await scheduler.runUntil(scheduler.now() + random.between(100, 1_000))
}

/** All leave; the relay forgets; somebody new finds everything. */
const leaveAndReturn = async (world: World): Promise<void> => {
  const { scheduler } = world
  for (const client of living(world)) client.leave()
  await scheduler.runUntil(scheduler.now() + FORGETTING_MS)
  judgeMemory(world)
  const late = world.rooms.map((room) => world.join(room))
  await scheduler.runUntil(scheduler.now() + FORGETTING_MS)
  for (const client of late) {
    const different = sameDocument(client.doc, loaded(diskOf(world, client.room)))
    if (different !== undefined || !client.isSynced()) {
      world.fail('OR19', `who comes to ${client.room} later ${different ?? 'is not synced'}`)
    }
    client.leave()
  }
  await scheduler.runUntil(scheduler.now() + FORGETTING_MS)
  judgeMemory(world)
}

export const runWorld = async (options: WorldOptions): Promise<Outcome> => {
  const world = createWorld(options)
  const { scheduler } = world
  world.host.start()
  const span = planLife(world)
  const holds = (): boolean => world.problems().length === 0
  await scheduler.runWhile(() => holds() && scheduler.now() < span, span)
  if (holds()) await heal(world)
  if (holds() && world.relays > 1) await judgeLeaving(world)
  if (holds()) await leaveAndReturn(world)
  return { seed: options.seed, problems: world.problems(), counts: world.counts, trace: scheduler.trace() }
}
