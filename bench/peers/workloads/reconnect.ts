import {
  createLargeCheck,
  LARGE_BYTES,
  LARGE_DELETE_BYTES,
  LARGE_STATE,
  STRANGER,
  settleLarge,
  uploadLarge,
  writeMissed
} from '#bench/peers/large.ts'
import { bytesRead, mainThreadSeconds } from '#bench/peers/proc.ts'
import type { RunningServer } from '#bench/peers/process.ts'
import { EMPTY, join, until, wait } from '#bench/peers/rig.ts'
import { createAuthor, noise, openSealed, type Place, pushFrame, sealedRoot } from '#bench/peers/sealed.ts'
import { atMost, type Figures, figureOf, kilobytes, type Setting, type Workload } from '#bench/peers/workload.ts'
import { KIND } from '#testing/spec-client/entries.ts'

/** H, H2: a client that has a document of 20 MB comes back: having missed nothing, and having missed ten updates. */

const ROOM = 'large'
const MISSED_LIMIT = 10_000

interface Return {
  readonly bytes: number
  readonly ms: number
  /** Of the event loop's thread. */
  readonly mainMs: number
  /** Bytes that the server read meanwhile, from files and sockets. */
  readonly read: number
  readonly missed: number
}

const comeBack = async (server: RunningServer): Promise<Return> => {
  let missed = 0
  const main = mainThreadSeconds(server.pid)
  const read = bytesRead(server.pid)
  const begun = performance.now()
  const client = await join(server, ROOM, {
    stateVector: LARGE_STATE,
    onRun: (id, from, to) => {
      if (id === STRANGER) missed += to - from
    }
  })
  const ms = performance.now() - begun
  // What still comes after the answer belongs to it.
  await wait(300)
  const back = {
    bytes: client.socket.received(),
    ms,
    mainMs: (mainThreadSeconds(server.pid) - main) * 1_000,
    read: bytesRead(server.pid) - read,
    missed
  }
  client.close()
  await wait(200)
  return back
}

/** 20 MB of entries, a restart, and back with the cursor at the head. */
const measureSealed = async ({ start }: Setting): Promise<Figures> => {
  const root = sealedRoot('large')
  const shard = root.shard('journal/2026/0')
  const { author, first } = createAuthor(root, shard)
  const server = await start()
  let place: Place = { seq: 0, hash: new Uint8Array(16) }
  const writer = await openSealed({ server, root, shard, onAck: (at) => (place = at) })
  const entries = [first, ...Array.from({ length: 25 }, () => author.entry(KIND.update, noise(800_000)))]
  for (const [n, entry] of entries.entries()) {
    writer.socket.sendFrame(pushFrame(shard, n + 1, entry))
    if (!(await until(() => place.seq === n + 1, 10_000))) throw new Error('an entry was not acknowledged')
  }
  writer.close()
  await server.stop()
  const again = await start()
  await wait(500)
  const main = mainThreadSeconds(again.pid)
  const read = bytesRead(again.pid)
  const begun = performance.now()
  const client = await openSealed({ server: again, root, shard, after: place })
  const ms = performance.now() - begun
  await wait(300)
  const bytes = client.socket.received()
  client.close()
  return {
    bytes,
    ms,
    main: (mainThreadSeconds(again.pid) - main) * 1_000,
    read: (bytesRead(again.pid) - read) / 1_000,
    converged: client.head.seq === place.seq ? 1 : 0
  }
}

const measure = async (setting: Setting): Promise<Figures> => {
  const { start, isQuick, spec } = setting
  if (spec.name === 'sealed') return measureSealed(setting)
  const first = await start()
  await uploadLarge(first, ROOM)
  const server = await settleLarge(first, start, isQuick)
  const nothing = await comeBack(server)
  await writeMissed(server, ROOM)
  const ten = await comeBack(server)
  const check = createLargeCheck()
  const whole = await join(server, ROOM, { stateVector: EMPTY, onRun: check.seen })
  whole.close()
  return {
    bytes: nothing.bytes,
    ms: nothing.ms,
    main: nothing.mainMs,
    read: nothing.read / 1_000,
    tenBytes: ten.bytes,
    tenMs: ten.ms,
    tenMain: ten.mainMs,
    tenRead: ten.read / 1_000,
    converged: ten.missed === 1_000 && check.isWhole() ? 1 : 0
  }
}

const NOTHING_LIMIT = LARGE_STATE.length + LARGE_DELETE_BYTES + 100

export const reconnect: Workload = {
  id: 'H',
  title: `H, H2: a client that has a document of ${Math.round(LARGE_BYTES / 1e6)} MB (delete set ${LARGE_DELETE_BYTES} B, state vector ${LARGE_STATE.length} B) comes back, having missed nothing / ten updates; those that keep anything were restarted before`,
  servers: ['ours', 'sealed', 'y-ws-leveldb', 'hocuspocus-sqlite'],
  runs: 1,
  columns: [
    { key: 'bytes', label: 'bytes to the client', digits: 0 },
    { key: 'ms', label: 'ms', digits: 1 },
    { key: 'main', label: 'event loop ms', digits: 1 },
    { key: 'read', label: 'kB read by the server', digits: 0 },
    { key: 'tenBytes', label: 'ten missed: bytes', digits: 0 },
    { key: 'tenMs', label: 'ms', digits: 1 },
    { key: 'tenMain', label: 'event loop ms', digits: 1 },
    { key: 'tenRead', label: 'kB read', digits: 0 }
  ],
  run: measure,
  judge: (table) => [
    atMost('H sealed: < 1 kB', figureOf(table, 'sealed', 'bytes'), 999, (n) => `${n} B`),
    atMost(
      `H open: <= delete set + state vector + 100 B (${NOTHING_LIMIT} B)`,
      figureOf(table, 'ours', 'bytes'),
      NOTHING_LIMIT,
      (n) => `${n} B`
    ),
    atMost(
      'H open: no document read (<= 200 kB read in all)',
      figureOf(table, 'ours', 'read') * 1_000,
      200_000,
      kilobytes
    ),
    atMost(
      `H2: <= 10 kB + delete set (${MISSED_LIMIT + LARGE_DELETE_BYTES} B)`,
      figureOf(table, 'ours', 'tenBytes'),
      MISSED_LIMIT + LARGE_DELETE_BYTES,
      (n) => `${n} B`
    ),
    atMost(
      'H2: no whole-document decode on the event loop (<= 20 ms)',
      figureOf(table, 'ours', 'tenMain'),
      20,
      (ms) => `${ms.toFixed(1)} ms`
    )
  ]
}
