import { entropyToMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import * as Y from 'yjs'
import { eventually } from '#testing/interop/stock-client.ts'
import { createRandom, type Random } from '#testing/random.ts'
import { connect, newMemory } from '#testing/spec-client/client.ts'
import { deriveRoot } from '#testing/spec-client/keys.ts'
import type { Cluster } from './cluster.ts'
import { type OpenRoom, openRoom } from './open-room.ts'
import { judgeErased, judgeJournal, judgeLeftRoom, judgeStayingRoom } from './oracle.ts'
import { pause, within } from './pause.ts'
import { JOURNAL, openSealedDevice, type SealedDevice } from './sealed-device.ts'

/** Breaks something under people who write, and makes it whole again. Resolves when it is. */
export type Strike = (cluster: Cluster, random: Random) => Promise<void>

export interface Outcome {
  /** What the oracle found; none = nothing was lost. */
  readonly problems: readonly string[]
  readonly edits: number
  readonly acknowledged: number
  /** Longest from a person's edit until another person at another relay held it, or a relay had it on disk. */
  readonly longest: { readonly openMs: number; readonly ackMs: number; readonly sealedMs: number }
  /** Refusals that devices were told, by code. */
  readonly refusals: ReadonlyMap<number, number>
}

const STAYING_ROOMS = 2
const LEFT_ROOMS = 2
const EDIT_EVERY_MS = 12
const WARM_MS = 250

const phraseOf = (random: Random): string => entropyToMnemonic(random.bytes(16), wordlist)

/** Erases a root, whatever happens meanwhile, as a person does who presses the button again. */
const eraseForGood = async (origin: string, phrase: string): Promise<void> => {
  const root = deriveRoot(phrase, 0)
  const once = async (): Promise<void> => {
    const client = await connect(`${origin.replace('http', 'ws')}/sealed`, root)
    try {
      await client.ready()
      await client.erase()
    } finally {
      client.terminate()
    }
  }
  for (let isErased = false; !isErased; ) {
    isErased = await within(5_000, once()).then(
      () => true,
      (thrown) => (thrown as { code?: number }).code === 9
    )
    if (!isErased) await pause(100)
  }
}

const writeFirstLine = async (origin: string, phrase: string): Promise<void> => {
  const root = deriveRoot(phrase, 0)
  const client = await connect(`${origin.replace('http', 'ws')}/sealed`, root, newMemory(root))
  await client.ready()
  const doc = new Y.Doc()
  doc.getMap('lines').set('to be erased', 1)
  await client.push(JOURNAL, Y.encodeStateAsUpdate(doc))
  client.terminate()
}

interface People {
  readonly staying: readonly OpenRoom[]
  readonly left: readonly OpenRoom[]
  /** Devices by phrase: those of the last one vanish. */
  readonly journals: readonly (readonly SealedDevice[])[]
  readonly erased: string
}

const gather = async (fronts: readonly string[], seed: number, random: Random): Promise<People> => {
  const at = (i: number): string => fronts[i % fronts.length] ?? ''
  const rooms = (kind: string, count: number, people: number): OpenRoom[] =>
    Array.from({ length: count }, (_, room) =>
      openRoom(
        `${kind} ${seed}/${room}`,
        Array.from({ length: people }, (_, i) => at(i)),
        random.fork()
      )
    )
  const journals = ['plain', 'compacted', 'vanishing'].map((kind) => {
    const phrase = phraseOf(random)
    return [0, 1].map((i) =>
      openSealedDevice({
        name: `${kind}${i}`,
        origin: at(i),
        phrase,
        random: random.fork(),
        snapshots: kind === 'compacted'
      })
    )
  })
  const erased = phraseOf(random)
  await writeFirstLine(at(0), erased)
  return { staying: rooms('staying', STAYING_ROOMS, 4), left: rooms('left', LEFT_ROOMS, 3), journals, erased }
}

/** One strike under load, and what the oracle says of it. The same seed is the same people and edits, not the same interleaving. */
export const playStrike = async (cluster: Cluster, strike: Strike, seed: number): Promise<Outcome> => {
  const random = createRandom(seed)
  const people = await gather(cluster.fronts, seed, random)
  const { staying, left, journals, erased } = people
  const rooms = [...staying, ...left]
  await eventually(
    () => rooms.every((room) => room.areSynced()) && journals.flat().every((device) => device.connections() > 0),
    () => 'not everybody came in'
  )
  let edits = 0
  let isStruck = false
  const writing = setInterval(() => {
    edits++
    random.pick(isStruck ? staying : rooms).edit()
  }, EDIT_EVERY_MS)
  await pause(WARM_MS)

  const vanishing = journals.at(-1) ?? []
  const leave = async (): Promise<void> => {
    await pause(random.between(0, 700))
    isStruck = true
    for (const each of [...left, ...vanishing]) each.vanish()
  }
  await Promise.all([strike(cluster, random), leave(), within(60_000, eraseForGood(cluster.fronts.at(-1) ?? '', erased))])
  await cluster.healed()
  await pause(WARM_MS)
  clearInterval(writing)

  const remaining = journals.slice(0, -1)
  await within(30_000, Promise.all(remaining.flat().map((device) => device.rest())))
  const origins = cluster.relays.map(({ origin }) => origin)
  const problems = (
    await Promise.all([
      ...journals.map((devices) => judgeJournal(origins, devices, devices === vanishing ? [] : devices)),
      ...staying.map((room) => judgeStayingRoom(origins, room)),
      ...left.map((room) => judgeLeftRoom(origins, room)),
      judgeErased(origins, erased)
    ])
  ).flat()
  for (const room of staying) room.vanish()
  for (const device of remaining.flat()) device.vanish()
  return { problems, edits, ...sums(staying, journals) }
}

const sums = (
  staying: readonly OpenRoom[],
  journals: readonly (readonly SealedDevice[])[]
): Pick<Outcome, 'acknowledged' | 'longest' | 'refusals'> => {
  const devices = journals.flat()
  const most = (times: readonly number[]): number => Math.round(Math.max(0, ...times))
  const refusals = new Map<number, number>()
  for (const device of devices)
    for (const [code, count] of device.refusals) refusals.set(code, (refusals.get(code) ?? 0) + count)
  return {
    acknowledged: devices.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0),
    longest: {
      openMs: most(staying.map(({ longest }) => longest.arrivalMs)),
      ackMs: most(devices.map(({ longest }) => longest.ackMs)),
      sealedMs: most(devices.map(({ longest }) => longest.arrivalMs))
    },
    refusals
  }
}
