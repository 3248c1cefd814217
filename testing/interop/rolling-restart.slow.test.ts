import { entropyToMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { createRandom, type Random } from '#testing/random.ts'
import { connect } from '#testing/spec-client/client.ts'
import { deriveRoot } from '#testing/spec-client/keys.ts'
import type { RelayProcess } from '#testing/wire/relay-process.ts'
import { wireRoot } from '#testing/wire/root.ts'
import { difference, openScene, type Scene, sameDocument } from './scene.ts'
import { eventually, GENERATIONS, plainMerge, type StockClient } from './stock-client.ts'

const ROOMS = 6
const CLIENTS_IN_A_ROOM = 10
const CLIENTS = ROOMS * CLIENTS_IN_A_ROOM
const ROOTS = 3
const IDLE_SEALED = 30
const RESTARTS = 3
const JOURNAL = 'journal/2026/0'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const edit = (doc: Y.Doc, random: Random): void => {
  const text = doc.getText('text')
  if (text.length > 200 && random.chance(0.3)) text.delete(random.below(text.length - 5), random.between(1, 5))
  else text.insert(random.between(0, text.length), `${random.below(1_000)} `)
  if (random.chance(0.2)) doc.getMap('map').set(`key ${random.below(5)}`, random.below(1_000))
}

/** A device of a sealed journal that writes one update after the other, each until the relay says that it is on disk. */
const writeSteadily = (scene: Scene, phrase: string, random: Random) => {
  const doc = new Y.Doc()
  const made: Uint8Array[] = []
  const unconfirmed: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => {
    made.push(update)
    unconfirmed.push(update)
  })
  const state = { made, connections: 0, isOver: false }
  const root = deriveRoot(phrase, 0)
  const session = async (): Promise<void> => {
    const device = await connect(`${scene.relay().origin.replace('http', 'ws')}/sealed`, root)
    try {
      await device.ready()
      state.connections++
      await device.pull(JOURNAL)
      while (!state.isOver || unconfirmed.length > 0) {
        if (unconfirmed.length === 0) edit(doc, random)
        const [next] = unconfirmed
        if (next !== undefined) await device.push(JOURNAL, next)
        unconfirmed.shift()
        await pause(10)
      }
    } finally {
      device.close()
    }
  }
  const run = async (): Promise<void> => {
    while (!state.isOver || unconfirmed.length > 0) await session().catch(() => pause(50))
  }
  return { state, done: run() }
}

/** When the relay, by its own clock, sent each of its open sockets away with this code: one entry a socket. */
const sentAway = (relay: RelayProcess, code: number): readonly number[] =>
  relay
    .output()
    .split('\n')
    .filter((line) => line.includes('"endpoint":"open"') && line.includes(`"code":${code}`))
    .map((line) => JSON.parse(line).time)

const mostAtOnce = (times: readonly number[]): number =>
  Math.max(...times.map((time) => times.filter((each) => each === time).length))

test('[OR8] [OR26] [RL35] a relay that is stopped and started three times under sixty stock clients and sealed devices loses nothing, and all come back', async () => {
  await using scene = await openScene({ LOG_LEVEL: 'debug' })
  const random = createRandom(77)
  const rooms = Array.from({ length: ROOMS }, (_, room) =>
    Array.from({ length: CLIENTS_IN_A_ROOM }, (_, i) =>
      scene.client(GENERATIONS[i % GENERATIONS.length] ?? '3.1', `room ${room}`)
    )
  )
  const clients = rooms.flat()
  const phrases = Array.from({ length: ROOTS }, () => entropyToMnemonic(random.bytes(16), wordlist))
  const devices = phrases.flatMap((phrase) =>
    [0, 1].map(() => ({ phrase, ...writeSteadily(scene, phrase, random.fork()) }))
  )
  const areBack = (): boolean => clients.every(({ provider }) => provider.wsconnected && provider.synced)
  await eventually(areBack)
  const writing = setInterval(() => {
    for (let i = 0; i < 4; i++) edit(random.pick(clients).doc, random)
  }, 10)

  for (let restart = 1; restart <= RESTARTS; restart++) {
    const before = devices.map(({ state }) => state.connections)
    const relay = scene.relay()
    const wires = await Promise.all(
      Array.from({ length: IDLE_SEALED }, async (_, i) => {
        const wire = await relay.dial()
        await wire.enter(wireRoot(`idle ${i}`), relay.host)
        return wire
      })
    )
    const told = wires.map(async (wire) => {
      const { retryAfterMs } = await wire.until('goaway')
      return { retryAfterMs, code: await wire.closed }
    })
    expect(await scene.stop()).toBe(0)

    const goaways = await Promise.all(told)
    expect(new Set(goaways.map(({ code }) => code))).toEqual(new Set([1001]))
    const waits = goaways.map(({ retryAfterMs }) => retryAfterMs)
    // A wait of its own for nearly each, over the whole of a second.
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000)
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(400)
    expect(new Set(waits).size).toBeGreaterThan(IDLE_SEALED / 2)
    const times = sentAway(relay, 1001)
    expect(times.length).toBe(CLIENTS)
    expect(new Set(times).size).toBeGreaterThanOrEqual(CLIENTS / 2)
    expect(mostAtOnce(times)).toBeLessThanOrEqual(2)

    await scene.start()
    await eventually(areBack, () => clients.map(({ provider }) => provider.wsconnected))
    await eventually(() => devices.every(({ state }, i) => state.connections > (before[i] ?? 0)))
    expect(clients.map(({ traffic }) => traffic.closes.filter((code) => code === 1001).length)).toEqual(
      clients.map(() => restart)
    )
    console.log(
      `restart ${restart}: ${goaways.length} waits of ${Math.min(...waits)} to ${Math.max(...waits)} ms, ${new Set(times).size} moments`
    )
  }
  clearInterval(writing)
  for (const { state } of devices) state.isOver = true
  await Promise.all(devices.map(({ done }) => done))

  // Yjs tidies up in each document that is read: deletions may be more than a merge that nobody read knows.
  const isMerged = (doc: Y.Doc, plain: Y.Doc): boolean => [undefined, 'deletions'].includes(difference(doc, plain))
  const merged = rooms.map(plainMerge)
  const [first] = clients
  await eventually(
    () => rooms.every((room, i) => room.every(({ doc }) => isMerged(doc, merged[i] ?? doc))),
    () => rooms.map((room, i) => room.map(({ doc }) => difference(doc, merged[i] ?? doc)))
  )
  expect(rooms.every((room) => room.every(({ doc }) => sameDocument(doc, room[0]?.doc ?? doc)))).toBe(true)
  expect(first?.text().length).toBeGreaterThan(100)

  // And the relay alone has it all, with nobody there to bring it again.
  const made = (some: readonly StockClient[]): number => some.reduce((sum, client) => sum + client.made.length, 0)
  console.log(`${made(clients)} edits, ${devices.reduce((sum, { state }) => sum + state.made.length, 0)} sealed`)
  for (const client of clients) client[Symbol.dispose]()
  expect(await scene.stop()).toBe(0)
  await scene.start()
  for (const [i, plain] of merged.entries()) {
    const late = scene.client('3.1', `room ${i}`)
    await eventually(() => late.provider.synced)
    expect(isMerged(late.doc, plain), `room ${i}`).toBe(true)
  }
  for (const phrase of phrases) {
    const plain = new Y.Doc()
    for (const { state } of devices.filter((device) => device.phrase === phrase))
      for (const update of state.made) Y.applyUpdate(plain, update)
    const reader = await connect(`${scene.relay().origin.replace('http', 'ws')}/sealed`, deriveRoot(phrase, 0))
    await reader.ready()
    expect(isMerged((await reader.pull(JOURNAL)).doc, plain), phrase).toBe(true)
    reader.close()
  }
})
