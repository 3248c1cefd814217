import { eventually } from '#testing/interop/stock-client.ts'
import { createRandom, type Random } from '#testing/random.ts'
import type { Cluster } from './cluster.ts'
import { judgeErased, judgeJournal, judgeLeftRoom, judgeStayingRoom } from './oracle.ts'
import { pause, within } from './pause.ts'
import { eraseForGood, gatherPeople, type People } from './people.ts'
import type { SealedDevice } from './sealed-device.ts'

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

const EDIT_EVERY_MS = 12
const WARM_MS = 250
/** Those who leave do so at some moment of the strike. */
const LEAVE_WITHIN_MS = 700
const RECOVER_WITHIN_MS = 60_000

const strikeUnderLoad = async (cluster: Cluster, strike: Strike, people: People, random: Random): Promise<number> => {
  let edits = 0
  let haveLeft = false
  const writing = setInterval(() => {
    edits++
    people.edit(haveLeft ? people.staying : [...people.staying, ...people.left])
  }, EDIT_EVERY_MS)
  const leave = async (): Promise<void> => {
    await pause(random.between(0, LEAVE_WITHIN_MS))
    haveLeft = true
    people.leave()
  }
  try {
    await pause(WARM_MS)
    const erasing = eraseForGood(cluster.fronts.at(-1) ?? '', people.erased)
    await Promise.all([strike(cluster, random), leave(), within(RECOVER_WITHIN_MS, erasing)])
    await cluster.healed()
    await pause(WARM_MS)
  } finally {
    clearInterval(writing)
  }
  return edits
}

const judge = async (cluster: Cluster, people: People, patienceMs?: number): Promise<string[]> => {
  const { journals, vanishing } = people
  const origins = cluster.relays.map(({ origin }) => origin)
  const remaining = journals.flat().filter((device) => !vanishing.includes(device))
  const forked = await within(RECOVER_WITHIN_MS, Promise.all(remaining.map((device) => device.rest())))
  // Those who were shown another log than before wait for nothing more.
  const isWaiting = forked.flat().length === 0
  const staying = (devices: readonly SealedDevice[]) => (isWaiting && devices !== vanishing ? devices : [])
  const found = await Promise.all([
    ...journals.map((devices) => judgeJournal(origins, devices, staying(devices), patienceMs)),
    ...people.staying.map((room) => judgeStayingRoom(origins, room, patienceMs)),
    ...people.left.map((room) => judgeLeftRoom(origins, room)),
    judgeErased(origins, people.erased)
  ])
  return [...forked, ...found].flat()
}

/**
 * One strike under load, and what the oracle says of it. The same seed is the same people and edits, not the same interleaving.
 * @param seed not 0, from which nothing is drawn
 */
export const playStrike = async (
  cluster: Cluster,
  strike: Strike,
  seed: number,
  patienceMs?: number
): Promise<Outcome> => {
  await cluster.healed()
  const random = createRandom(seed)
  const people = await gatherPeople(cluster.fronts, seed, random)
  try {
    await eventually(people.haveArrived, () => 'not everybody came in')
    const edits = await strikeUnderLoad(cluster, strike, people, random)
    const problems = await judge(cluster, people, patienceMs)
    return { problems, edits, ...sums(people) }
  } finally {
    people.end()
  }
}

const sums = ({ staying, journals }: People): Pick<Outcome, 'acknowledged' | 'longest' | 'refusals'> => {
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
