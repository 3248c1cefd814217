import * as Y from 'yjs'
import { roughBus } from '#testing/world/weather.ts'
import type { Client } from './client.ts'
import type { World } from './world.ts'

/** What may happen in a world, drawn from its seed. */

const here = (world: World): readonly Client[] => world.clients().filter((client) => !client.isGone())
const writers = (world: World): readonly Client[] => here(world).filter(({ mayWrite }) => mayWrite)

const editSome = (world: World): void => {
  const { random, scheduler, count } = world
  const all = writers(world)
  if (all.length === 0) return
  const client = random.pick(all)
  const spreadMs = random.pick([0, 5, 400])
  for (let left = random.between(1, 8); left > 0; left--) {
    scheduler.after(random.between(0, spreadMs), '', () => {
      if (client.isGone()) return
      count(client.isSynced() ? 'edited' : 'edited offline')
      client.edit()
    })
  }
}

/** The newest of what one made reaches another without the relay, and without what came before it. */
const gossip = (world: World): void => {
  const { random, count } = world
  const from = writers(world).filter(({ made }) => made.length > 1)
  if (from.length === 0) return
  const source = random.pick(from)
  const others = writers(world).filter((client) => client !== source && client.room === source.room)
  if (others.length === 0) return
  const update = source.made.at(-random.between(1, Math.min(3, source.made.length)))
  if (update === undefined) return
  count('heard elsewhere')
  random.pick(others).hearElsewhere(update)
}

const goOffline = (world: World): void => {
  const all = here(world).filter((client) => client.isOnline())
  if (all.length === 0) return
  const client = world.random.pick(all)
  world.scheduler.note(`${client.name} goes offline`)
  world.count('went offline')
  client.setOnline(false)
  world.scheduler.after(world.random.between(100, 20_000), `${client.name} comes back`, () => client.setOnline(true))
}

const hang = (world: World): void => {
  const all = here(world).filter((client) => client.wire() !== undefined)
  if (all.length === 0) return
  const client = world.random.pick(all)
  const wire = client.wire()
  if (wire === undefined) return
  world.host.hang(wire)
  // It notices sooner than the relay does, as a phone that changes networks.
  if (world.random.chance(0.6)) {
    world.scheduler.after(world.random.between(50, 3_000), '', () => {
      client.setOnline(false)
      client.setOnline(true)
    })
  }
}

const leave = (world: World): void => {
  const all = here(world)
  if (all.length < 2) return
  world.count('left')
  world.random.pick(all).leave()
}

/** Only who has told the relay everything it made may vanish without a loss: what is lost with a device is lost. */
const vanish = (world: World): void => {
  const all = here(world)
  if (all.length < 3) return
  world.count('vanished')
  world.random.pick(all).vanish()
}

const present = (world: World): void => {
  const all = here(world)
  if (all.length === 0) return
  const client = world.random.pick(all)
  client.setPresence(world.random.chance(0.1) ? null : { name: client.name, n: world.random.below(100) })
}

/** Everybody goes away for a while, so that the room is forgotten and loaded again. */
const empty = (world: World): void => {
  const { random, scheduler } = world
  const room = random.pick(world.rooms)
  const all = here(world).filter((client) => client.room === room)
  world.count('room emptied')
  for (const client of all) client.setOnline(false)
  const backMs = random.pick([0, 5, 50, 1_000, 5_000])
  scheduler.after(backMs, '', () => {
    for (const client of all) scheduler.after(random.between(0, 300), '', () => client.setOnline(true))
  })
}

const reconnectAll = (world: World): void => {
  world.count('all reconnected')
  for (const client of here(world)) {
    client.setOnline(false)
    client.setOnline(true)
  }
}

type Happening = readonly [weight: number, run: (world: World) => unknown]

const HAPPENINGS: readonly Happening[] = [
  [40, editSome],
  [6, gossip],
  [5, goOffline],
  [3, hang],
  [8, present],
  [4, (world) => here(world).length < 7 && world.join(world.random.pick(world.rooms))],
  [2, leave],
  [1, vanish],
  [3, empty],
  [1, reconnectAll],
  [1, (world) => world.host.kill('at some moment')],
  [1, (world) => world.host.restartGently()]
]

/** A stopped process, and a bus that is away: shorter and longer than a relay is waited for. */
const AWAY_MS = [2_000, 20_000, 70_000]

const AMONG_RELAYS: readonly Happening[] = [
  [2, (world) => world.host.freeze(world.random.pick(AWAY_MS))],
  [2, (world) => world.host.cutBus(world.random.pick(AWAY_MS))],
  [1, (world) => world.setWeather({ ...world.weather(), bus: roughBus(world.random) })],
  [1, (world) => world.host.kill('at some moment')]
]

const happen = (world: World): void => {
  const happenings = world.relays === 1 ? HAPPENINGS : [...HAPPENINGS, ...AMONG_RELAYS]
  let left = world.random.below(happenings.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, run] of happenings) {
    left -= weight
    if (left >= 0) continue
    run(world)
    return
  }
}

/** @returns when it ends, in the world's milliseconds. */
export const planLife = (world: World): number => {
  const { random, scheduler } = world
  const paceMs = random.pick([60, 250, 900])
  const span = 1_000 + paceMs * random.between(40, 140)
  for (let people = random.between(2, 5); people > 0; people--) {
    const room = random.pick(world.rooms)
    scheduler.after(random.between(0, 2_000), '', () => world.join(room))
  }
  const next = (): void => {
    if (scheduler.now() > span) return
    happen(world)
    scheduler.after(random.between(1, 2 * paceMs), '', next)
  }
  scheduler.after(1_000, '', next)
  return span
}

/** All that the living made and all that is on the disk, merged by Yjs in one document. */
export const expectedIn = (world: World, room: string, onDisk: Uint8Array): Y.Doc => {
  const updates = [onDisk]
  for (const client of world.clients()) {
    if (client.room === room && client.mayWrite && client.keeps()) updates.push(...client.made)
  }
  const doc = new Y.Doc({ guid: 'document' })
  // In one transaction, as the disk is read: after each, Yjs takes away marks that it holds for useless, and which those are depends on what came together.
  Y.applyUpdate(doc, Y.mergeUpdates(updates))
  return doc
}
