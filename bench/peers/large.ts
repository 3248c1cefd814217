import { encodeStateVector, type YClient } from './client.ts'
import type { RunningServer } from './process.ts'
import { EMPTY, join, until, wait } from './rig.ts'
import { encodeDeletion, encodePrepends, FIRST_CLIENT } from './updates.ts'

/** A document of 20 MB: 20 people, 9,000 inserts of 100 characters each, some of it deleted. */

const AUTHORS = 20
const WIDTH = 100
const INSERTS = 9_000
const DELETED = 50

const deletedRuns = Array.from({ length: DELETED }, (_, i) => [i * 1_000, i * 1_000 + 10] as const)
const textOf = (client: number): string => String.fromCharCode(97 + client - FIRST_CLIENT)
const authors = Array.from({ length: AUTHORS }, (_, i) => FIRST_CLIENT + i)

/** What a client that has all of it says it has. */
export const LARGE_STATE = encodeStateVector(new Map(authors.map((client) => [client, INSERTS * WIDTH])))
/** Bytes of the delete set, all clients together. */
export const LARGE_DELETE_BYTES = AUTHORS * (encodeDeletion(FIRST_CLIENT, deletedRuns).length - 2) + 2
/** About what the document weighs as one update. */
export const LARGE_BYTES = authors.length * encodePrepends(FIRST_CLIENT, 0, INSERTS, WIDTH).length

/** 20 updates of a megabyte, then the deletions. Resolves when another client has seen all of it. */
export const uploadLarge = async (server: RunningServer, room: string): Promise<void> => {
  let clocks = 0
  const reader = await join(server, room, {
    stateVector: EMPTY,
    onRun: (_client, from, to) => {
      clocks += to - from
    }
  })
  const writer = await join(server, room, { stateVector: EMPTY })
  for (const client of authors) {
    if (!writer.update(encodePrepends(client, 0, INSERTS, WIDTH, textOf(client)))) {
      await new Promise<void>((done) => writer.socket.onDrain(done))
    }
    writer.update(encodeDeletion(client, deletedRuns))
  }
  const isThere = await until(() => clocks >= AUTHORS * INSERTS * WIDTH, 120_000)
  writer.close()
  reader.close()
  if (!isThere) throw new Error('the large document did not arrive')
  await wait(500)
}

/** @returns whether these runs are the whole document. */
export const createLargeCheck = (): {
  readonly seen: (client: number, from: number, to: number) => void
  isWhole(): boolean
} => {
  const clocks = new Map<number, number>()
  return {
    seen(client, from, to) {
      if ((clocks.get(client) ?? 0) === from) clocks.set(client, to)
    },
    isWhole: () => authors.every((client) => clocks.get(client) === INSERTS * WIDTH)
  }
}

const REST_MS = 1_000
const REST_CPU = 0.1

/** Until a second of its passes with next to no work: on a busy machine merging takes longer than any fixed time. */
const untilAtRest = async (server: RunningServer): Promise<void> => {
  for (let seconds = 0; seconds < 30; seconds++) {
    const before = server.cpuSeconds()
    await wait(REST_MS)
    if (server.cpuSeconds() - before < REST_CPU) return
  }
}

/** The document is stored, merged where a server merges, and nothing of the upload is left in memory where a restart clears it. */
export const settleLarge = async (
  server: RunningServer,
  start: () => Promise<RunningServer>,
  isQuick: boolean
): Promise<RunningServer> => {
  await wait(isQuick ? 4_000 : 12_000)
  await untilAtRest(server)
  if (!server.spec.durable) return server
  await server.stop()
  const again = await start()
  await wait(500)
  return again
}

/** The tenth missed update and those before it, from somebody who was not there before. */
export const STRANGER = FIRST_CLIENT + AUTHORS
export const writeMissed = async (server: RunningServer, room: string): Promise<void> => {
  const client: YClient = await join(server, room, { stateVector: LARGE_STATE })
  for (let n = 0; n < 10; n++) {
    client.update(encodePrepends(STRANGER, n, 1, WIDTH, textOf(STRANGER)))
    await wait(30)
  }
  await wait(200)
  client.close()
  await wait(200)
}
