import * as Y from 'yjs'
import { createDialect, SYNC, syncMessage } from '#bench/peers/dialects.ts'
import { clientFrame } from '#bench/peers/frames.ts'
import type { RunningServer } from '#bench/peers/process.ts'
import { addressOf, EMPTY, inBatches, join, openWindow, until, wait } from '#bench/peers/rig.ts'
import { measureSealedDocument } from '#bench/peers/sealed-document.ts'
import { PEERS, type ServerName } from '#bench/peers/servers.ts'
import { encodePrepends, FIRST_CLIENT, textOf } from '#bench/peers/updates.ts'
import { atLeast, atMost, type Figures, figureOf, type Setting, times, type Workload } from '#bench/peers/workload.ts'

/** D: a megabyte in 20,000 updates is streamed in; 50 clients load it at once; one loads it after a restart. */

const UPDATES = 20_000
const WIDTH = 35
const ROOM = 'one-document'
const JOINS = 50
const BLOCK = 32

/** Frames as they go out, in blocks: the generator is not to be what is measured. */
const makeBlocks = (server: RunningServer): readonly Buffer[] => {
  const prefix = createDialect(server.spec.dialect, server.spec.base).prefix(ROOM)
  const frames = Array.from({ length: UPDATES }, (_, n) =>
    clientFrame(syncMessage(prefix, SYNC.update, encodePrepends(FIRST_CLIENT, n, 1, WIDTH)))
  )
  return Array.from({ length: UPDATES / BLOCK }, (_, i) => Buffer.concat(frames.slice(i * BLOCK, (i + 1) * BLOCK)))
}

const ingest = async (server: RunningServer): Promise<Figures> => {
  const blocks = makeBlocks(server)
  let clocks = 0
  // It stays: a server that forgets a document that nobody has open would be measured at loading it.
  await join(server, ROOM, {
    stateVector: EMPTY,
    onRun: (_client, _from, to) => {
      clocks = Math.max(clocks, to)
    }
  })
  const writer = await join(server, ROOM, { stateVector: EMPTY })
  const window = openWindow(server)
  for (const block of blocks) {
    if (!writer.socket.sendFrame(block)) await new Promise<void>((done) => writer.socket.onDrain(done))
  }
  const isThere = await until(() => clocks === UPDATES * WIDTH, 60_000)
  const { cpu, seconds, load } = window.close()
  writer.close()
  return {
    ingest: UPDATES / seconds,
    ingestCpu: (cpu * 1e6) / UPDATES,
    load: load * 100,
    arrived: isThere ? 1 : 0
  }
}

const isWhole = (updates: readonly Uint8Array[]): boolean => {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  const expected = Array.from({ length: UPDATES }, (_, n) => textOf(UPDATES - 1 - n, WIDTH)).join('')
  return doc.getText('t').toString() === expected
}

const load = async (server: RunningServer, count: number): Promise<Figures> => {
  const window = openWindow(server)
  const clients = await inBatches(count, count, (n) =>
    join(server, ROOM, { stateVector: EMPTY, localAddress: addressOf(n), record: true })
  )
  const { cpu, seconds, load: generator } = window.close()
  const whole = [clients[0], clients.at(-1)].every((client) => client !== undefined && isWhole(client.recorded))
  for (const client of clients) client.close()
  return { ms: seconds * 1_000, cpu: (cpu * 1_000) / count, load: generator * 100, whole: whole ? 1 : 0 }
}

/** With leveldb the first answer is empty and the document follows: loaded is who has all of it. */
const loadFromDisk = async (server: RunningServer): Promise<Figures> => {
  let clocks = 0
  const window = openWindow(server)
  const client = await join(server, ROOM, {
    stateVector: EMPTY,
    record: true,
    onRun: (_client, _from, to) => {
      clocks = Math.max(clocks, to)
    }
  })
  await until(() => clocks === UPDATES * WIDTH, 20_000)
  const { cpu, seconds } = window.close()
  client.close()
  return { diskMs: seconds * 1_000, diskCpu: cpu * 1_000, diskWhole: isWhole(client.recorded) ? 1 : 0 }
}

const measure = async (setting: Setting): Promise<Figures> => {
  const { start, isQuick, spec } = setting
  if (spec.name === 'sealed') return measureSealedDocument(setting, { updates: UPDATES, width: WIDTH, joins: JOINS })
  const server = await start()
  const first = await ingest(server)
  // Compaction, and Hocuspocus's debounced store, get their time.
  await wait(isQuick ? 1_500 : 5_000)
  const joins = await load(server, JOINS)
  let disk: Figures = {}
  if (spec.durable) {
    await wait(isQuick ? 2_500 : 11_000)
    await server.stop()
    const again = await start()
    await wait(500)
    disk = await loadFromDisk(again)
  }
  return {
    ingest: first.ingest ?? Number.NaN,
    ingestCpu: first.ingestCpu ?? Number.NaN,
    joinMs: joins.ms ?? Number.NaN,
    joinCpu: joins.cpu ?? Number.NaN,
    ...disk,
    load: first.load ?? Number.NaN,
    joinLoad: joins.load ?? Number.NaN,
    converged: first.arrived === 1 && joins.whole === 1 && disk.diskWhole !== 0 ? 1 : 0
  }
}

export const oneDocument: Workload = {
  id: 'D',
  title: `D: a document of 1 MB from ${UPDATES} updates: streamed in / ${JOINS} clients load it at once / one loads it after a restart`,
  servers: ['ours', 'sealed', ...PEERS],
  runs: 2,
  slowDisk: 'long',
  columns: [
    { key: 'ingest', label: 'updates/s in', digits: 0 },
    { key: 'ingestCpu', label: 'CPU us an update', digits: 1 },
    { key: 'joinMs', label: `${JOINS} joins ms`, digits: 0 },
    { key: 'joinCpu', label: 'CPU ms a join', digits: 2 },
    { key: 'diskMs', label: 'from disk ms', digits: 1 },
    { key: 'diskCpu', label: 'CPU ms', digits: 0 },
    { key: 'load', label: 'generator CPU % in', digits: 0 },
    { key: 'joinLoad', label: 'at the joins', digits: 0 }
  ],
  run: measure,
  judge: (table) => {
    const peers = (key: string, best: (...values: number[]) => number): number => {
      const values = PEERS.map((name: ServerName) => figureOf(table, name, key)).filter((value) => !Number.isNaN(value))
      return values.length === 0 ? Number.NaN : best(...values)
    }
    const ours = (key: string): number => figureOf(table, 'ours', key)
    return [
      atLeast('ingest >= 1x the best peer', ours('ingest') / peers('ingest', Math.max), 1, times),
      atMost(`${JOINS} joins <= 0.4x the best peer`, ours('joinMs') / peers('joinMs', Math.min), 0.4, times),
      atMost('from disk <= 0.5x the best peer', ours('diskMs') / peers('diskMs', Math.min), 0.5, times),
      atMost(
        'K: sealed in <= 1.2x the open room, CPU',
        figureOf(table, 'sealed', 'ingestCpu') / ours('ingestCpu'),
        1.2,
        times
      ),
      atMost(
        'K: sealed joins <= 1.2x the open room, CPU',
        figureOf(table, 'sealed', 'joinCpu') / ours('joinCpu'),
        1.2,
        times
      )
    ]
  }
}
