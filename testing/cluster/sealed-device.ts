import * as Y from 'yjs'
import type { Random } from '#testing/random.ts'
import { connect, type Memory, newMemory, type Refused } from '#testing/spec-client/client.ts'
import { deriveRoot } from '#testing/spec-client/keys.ts'
import { pause, within } from './pause.ts'

/** A device of a sealed journal that writes one line after the other, each until a relay says that it is on disk. */
export interface SealedDevice {
  readonly phrase: string
  readonly memory: Memory
  /** Lines that a relay acknowledged, by name. */
  readonly acknowledged: ReadonlySet<string>
  /** Longest from a line's making to its acknowledgement, and to another device of the phrase. */
  readonly longest: { ackMs: number; arrivalMs: number }
  /** Refusals by code: what a device is told while something is broken. */
  readonly refusals: ReadonlyMap<number, number>
  readonly connections: () => number
  /** Stops writing and goes on listening. Resolves when nothing is unacknowledged. @returns what was wrong, if anything was */
  rest(): Promise<readonly string[]>
  /** Lines that it holds, its own and others'. */
  lines(): ReadonlySet<string>
  /** Vanishes, and never comes back. */
  vanish(): void
}

export const JOURNAL = 'journal/2026/0'
/** A device gives up on an answer, as the app does, and dials again. */
const ANSWER_WITHIN_MS = 5_000
const SNAPSHOT_EVERY = 25
const FORK = 7

export interface SealedDeviceOptions {
  readonly name: string
  /** Origin of the relay or of what stands before it. */
  readonly origin: string
  readonly phrase: string
  readonly random: Random
  /** Compacts as well. */
  readonly snapshots?: boolean
}

type Client = Awaited<ReturnType<typeof connect>>

export const openSealedDevice = (options: SealedDeviceOptions): SealedDevice => {
  const { name, origin, phrase, random, snapshots = false } = options
  const root = deriveRoot(phrase, 0)
  const memory = newMemory(root)
  const own = new Y.Doc()
  const updates: Uint8Array[] = []
  own.on('update', (update: Uint8Array) => updates.push(update))
  const made = new Map<string, number>()
  const pending: string[] = []
  const acknowledged = new Set<string>()
  const longest = { ackMs: 0, arrivalMs: 0 }
  const refusals = new Map<number, number>()
  let connections = 0
  let isResting = false
  let isGone = false
  let isForked = false
  let begun = Number.POSITIVE_INFINITY
  let watched: Y.Doc | undefined
  let current: Client | undefined

  const write = (): void => {
    const line = `${name}-${made.size}`
    made.set(line, performance.now())
    pending.push(line)
    own.getMap('lines').set(line, performance.now())
  }

  const acknowledge = (): void => {
    for (const line of pending.splice(0)) {
      acknowledged.add(line)
      longest.ackMs = Math.max(longest.ackMs, performance.now() - (made.get(line) ?? 0))
    }
  }

  /** Lines of others, made since this device was there to see them. */
  const watch = (doc: Y.Doc): void => {
    if (watched === doc) return
    watched = doc
    begun = performance.now()
    doc.getMap<number>('lines').observe((event) => {
      for (const line of event.keysChanged) {
        const at = event.target.get(line) as number
        if (!made.has(line) && at > begun) longest.arrivalMs = Math.max(longest.arrivalMs, performance.now() - at)
      }
    })
  }

  const compact = async (client: Client): Promise<void> => {
    await within(ANSWER_WITHIN_MS, client.pull(JOURNAL))
    // Another device's snapshot may have come first.
    await within(ANSWER_WITHIN_MS, client.snapshot(JOURNAL)).catch((thrown) => {
      if ((thrown as Partial<Refused>).code === undefined) throw thrown
    })
  }

  /** Sends what is not acknowledged: first the bytes that were sent before. */
  const turn = async (client: Client): Promise<void> => {
    const [shard] = memory.shards.values()
    if (!isResting && pending.length === 0) write()
    const isWaiting = shard !== undefined && shard.unacked.length > 0
    const update = isWaiting ? undefined : updates.shift()
    if (!isWaiting && update === undefined) return
    await within(ANSWER_WITHIN_MS, update === undefined ? client.flush(JOURNAL) : client.push(JOURNAL, update))
    if (updates.length === 0) acknowledge()
    if (snapshots && acknowledged.size % SNAPSHOT_EVERY === 0) await compact(client)
  }

  const dial = (): Promise<Client> => {
    const dialling = connect(`${origin.replace('http', 'ws')}/sealed`, root, memory)
    return within(ANSWER_WITHIN_MS, dialling).catch((thrown) => {
      dialling.then(
        (client) => client.terminate(),
        () => undefined
      )
      throw thrown
    })
  }

  const session = async (): Promise<void> => {
    const client = await dial()
    current = client
    try {
      await within(ANSWER_WITHIN_MS, client.ready())
      watch((await within(ANSWER_WITHIN_MS, client.pull(JOURNAL))).doc)
      connections++
      while (!isGone && !client.isClosed()) {
        await turn(client)
        await pause(random.between(5, 40))
      }
    } finally {
      client.terminate()
    }
  }

  const run = async (): Promise<void> => {
    while (!isGone && !isForked) {
      await session().catch((thrown: Partial<Refused>) => {
        // The store lost what it had said to hold: nothing that this small client can mend.
        if (thrown.code === FORK) isForked = true
        if (typeof thrown.code === 'number') refusals.set(thrown.code, (refusals.get(thrown.code) ?? 0) + 1)
      })
      await pause(random.between(50, 200))
    }
  }
  void run()

  return {
    phrase,
    memory,
    acknowledged,
    longest,
    refusals,
    connections: () => connections,
    async rest() {
      isResting = true
      while (pending.length > 0 && !isForked) await pause(10)
      return isForked ? ['a relay’s log is not the one it acknowledged'] : []
    },
    lines: () => new Set(watched?.getMap('lines').keys()),
    vanish() {
      isGone = true
      current?.terminate()
    }
  }
}
