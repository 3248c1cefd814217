import { createHash } from 'node:crypto'
import * as Y from 'yjs'
import { difference } from '#testing/interop/scene.ts'
import { createStockClient, plainMerge } from '#testing/interop/stock-client.ts'
import { connect, isErasureProof, newMemory, type Refused } from '#testing/spec-client/client.ts'
import { type Lines, openEntry } from '#testing/spec-client/entries.ts'
import { deriveRoot } from '#testing/spec-client/keys.ts'
import type { OpenRoom } from './open-room.ts'
import { pause, within } from './pause.ts'
import { JOURNAL, type SealedDevice } from './sealed-device.ts'

/** What must hold after every fault, read at each relay by who was not there before. */

const READ_WITHIN_MS = 20_000
/** How long people are waited for who come together again. */
export const PATIENCE_MS = 20_000

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

interface Log {
  readonly head: string
  readonly lines: ReadonlySet<string>
  readonly seqByDigest: ReadonlyMap<string, number>
  /** Up to here entries are inside a snapshot and are not sent any more. */
  readonly snapshotTo: number
  readonly doubles: readonly string[]
}

/** A relay that had much to do turns newcomers away for a while. */
const untilReached = async <Value>(read: () => Promise<Value>): Promise<Value> => {
  const until = performance.now() + READ_WITHIN_MS
  for (;;) {
    try {
      return await within(READ_WITHIN_MS, read())
    } catch (thrown) {
      if (!/server response: 503/.test(String(thrown)) || performance.now() > until) throw thrown
      await pause(100)
    }
  }
}

/** The journal of a phrase as a new device finds it at one relay. The spec client checks the chain itself. */
const readLog = async (origin: string, phrase: string): Promise<Log> => {
  const root = deriveRoot(phrase, 0)
  const memory = newMemory(root)
  const seqByDigest = new Map<string, number>()
  const authors: Lines = new Map()
  const digestByCounter = new Map<string, string>()
  const doubles: string[] = []
  memory.onEntry = (shard, seq, entry) => {
    const digest = digestOf(entry)
    if (seqByDigest.has(digest)) doubles.push(`entry ${digest.slice(0, 8)} at ${seqByDigest.get(digest)} and ${seq}`)
    seqByDigest.set(digest, seq)
    const opened = openEntry(root, shard.id, authors, entry)
    const author = opened && `${opened.device} ${opened.counter}`
    if (author !== undefined && digestByCounter.has(author)) doubles.push(`device and counter ${author}`)
    if (author !== undefined) digestByCounter.set(author, digest)
  }
  const client = await connect(`${origin.replace('http', 'ws')}/sealed`, root, memory)
  try {
    await client.ready()
    const shard = await client.pull(JOURNAL)
    return {
      head: `${shard.seq} ${Buffer.from(shard.hash).toString('hex')}`,
      lines: new Set(shard.doc.getMap('lines').keys()),
      seqByDigest,
      snapshotTo: shard.snapshotTo,
      doubles
    }
  } finally {
    client.terminate()
  }
}

const judgeLog = (where: string, log: Log, devices: readonly SealedDevice[]): string[] => {
  const problems = log.doubles.map((each) => `${where}: twice: ${each}`)
  for (const { acknowledged, memory } of devices) {
    const lost = [...acknowledged].filter((line) => !log.lines.has(line))
    if (lost.length > 0) problems.push(`${where}: ${lost.length} acknowledged lines are lost, the first ${lost[0]}`)
    for (const [digest, seq] of [...memory.shards.values()].flatMap((shard) => [...shard.acked]))
      if (seq > log.snapshotTo && log.seqByDigest.get(digest) !== seq)
        problems.push(`${where}: entry acknowledged at ${seq} is at ${log.seqByDigest.get(digest)}`)
  }
  return problems
}

/** @param staying devices of this phrase that are still there */
export const judgeJournal = async (
  origins: readonly string[],
  devices: readonly SealedDevice[],
  staying: readonly SealedDevice[],
  patienceMs = PATIENCE_MS
): Promise<string[]> => {
  const phrase = devices[0]?.phrase ?? ''
  const logs: Log[] = []
  const problems: string[] = []
  for (const origin of origins) {
    const log = await untilReached(() => readLog(origin, phrase))
    logs.push(log)
    problems.push(...judgeLog(origin, log, devices))
  }
  if (new Set(logs.map(({ head }) => head)).size > 1) problems.push(`heads differ: ${logs.map(({ head }) => head)}`)
  const lacking = (): SealedDevice[] =>
    staying.filter((device) => [...(logs[0]?.lines ?? [])].some((line) => !device.lines().has(line)))
  const until = performance.now() + patienceMs
  while (lacking().length > 0 && performance.now() < until) await pause(20)
  if (lacking().length > 0) problems.push(`${lacking().length} devices never held what is in the log`)
  return problems
}

/** Nothing erased returns, whichever relay is asked. */
export const judgeErased = async (origins: readonly string[], phrase: string): Promise<string[]> => {
  const problems: string[] = []
  for (const origin of origins) {
    const refused = await untilReached(() => readLog(origin, phrase)).then(
      () => undefined,
      (thrown: Partial<Refused>) => thrown
    )
    const isErased = refused?.code === 9 && refused.detail !== undefined && isErasureProof(refused.detail)
    if (!isErased) problems.push(`${origin}: an erased root is ${refused === undefined ? 'open' : String(refused)}`)
  }
  return problems
}

/** Everybody who stayed, and who comes now to any relay, holds what a plain merge of all edits holds. */
export const judgeStayingRoom = async (
  origins: readonly string[],
  room: OpenRoom,
  patienceMs = PATIENCE_MS
): Promise<string[]> => {
  const late = origins.map((origin) => createStockClient('3.1', origin, room.name))
  const truth = plainMerge(room.clients)
  const everybody = [...room.clients, ...late]
  const until = performance.now() + patienceMs
  const differing = (): string[] =>
    everybody.flatMap(({ doc }, i) => {
      const what = difference(doc, truth)
      return what === undefined ? [] : `${i < room.clients.length ? 'who stayed' : 'who came'}: ${what}`
    })
  while (differing().length > 0 && performance.now() < until) await pause(20)
  const problems = differing().map((each) => `${room.name}: differs from the merge of all edits, ${each}`)
  for (const each of late) each[Symbol.dispose]()
  return problems
}

/** What anybody was shown is there when all of them are gone for ever. */
export const judgeLeftRoom = async (origins: readonly string[], room: OpenRoom): Promise<string[]> => {
  const { marks, clocks } = room.shown()
  const problems: string[] = []
  for (const origin of origins) {
    const late = createStockClient('3.1', origin, room.name)
    const until = performance.now() + READ_WITHIN_MS
    while (!late.provider.synced && performance.now() < until) await pause(10)
    const held = Y.decodeStateVector(Y.encodeStateVector(late.doc))
    const lost = [...marks].filter((mark) => !late.doc.getMap('marks').has(mark))
    const behind = [...clocks].filter(([client, clock]) => (held.get(client) ?? 0) < clock)
    if (!late.provider.synced) problems.push(`${origin} ${room.name}: nobody gets in`)
    else if (lost.length + behind.length > 0)
      problems.push(`${origin} ${room.name}: shown and lost: marks ${lost}, clients ${behind}`)
    late[Symbol.dispose]()
  }
  return problems
}
