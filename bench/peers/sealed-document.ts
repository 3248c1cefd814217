import * as Y from 'yjs'
import { KIND, type Lines, openEntry, openSnapshot, sealSnapshot } from '#testing/spec-client/entries.ts'
import type { Root } from '#testing/spec-client/keys.ts'
import type { RunningServer } from './process.ts'
import { addressOf, inBatches, openWindow, until, wait } from './rig.ts'
import { createAuthor, openSealed, type Place, pushFrame, sealedRoot, snapshotFrames } from './sealed.ts'
import { encodePrepends, FIRST_CLIENT } from './updates.ts'
import type { Figures, Setting } from './workload.ts'

/** D by the sealed protocol: 20,000 updates, each an entry of its own, a snapshot as a device writes it, then the joins. */

/** As the app sends what waits: as many entries as a PUSH takes, and the next PUSH when that is acknowledged. */
const ENTRIES_PER_PUSH = 256

interface Shape {
  readonly updates: number
  readonly width: number
  readonly joins: number
}

const isWhole = (
  root: Root,
  shard: Uint8Array,
  snapshot: Uint8Array,
  tail: readonly Uint8Array[],
  { updates, width }: Shape
): boolean => {
  const doc = new Y.Doc()
  const opened = openSnapshot(root, shard, snapshot)
  Y.applyUpdate(doc, opened.document)
  const lines: Lines = opened.covers
  for (const entry of tail) {
    const update = openEntry(root, shard, lines, entry)
    if (update?.kind === KIND.update) Y.applyUpdate(doc, update.body)
  }
  return doc.getText('t').length === updates * width
}

const ingest = async (server: RunningServer, root: Root, shard: Uint8Array, { updates, width }: Shape) => {
  const { author, first } = createAuthor(root, shard)
  const entries = [first]
  for (let n = 0; n < updates; n++) entries.push(author.entry(KIND.update, encodePrepends(FIRST_CLIENT, n, 1, width)))
  const frames: Buffer[] = []
  for (let from = 0; from < entries.length; from += ENTRIES_PER_PUSH)
    frames.push(pushFrame(shard, frames.length + 1, ...entries.slice(from, from + ENTRIES_PER_PUSH)))
  let seen = 0
  let acked = 0
  let last: Place = { seq: 0, hash: new Uint8Array(16) }
  const reader = await openSealed({ server, root, shard, onEntry: () => seen++ })
  const writer = await openSealed({
    server,
    root,
    shard,
    onAck(place) {
      last = place.seq > last.seq ? place : last
      const frame = frames[++acked]
      if (frame !== undefined) writer.socket.sendFrame(frame)
    }
  })
  const window = openWindow(server)
  writer.socket.sendFrame(frames[0] as Buffer)
  const isThere = await until(() => seen >= updates && acked === frames.length, 120_000)
  const { cpu, seconds, load } = window.close()
  const refusals = writer.refusals() + reader.refusals()
  reader.close()
  return { author, writer, last, cpu, seconds, load, isThere: isThere && refusals === 0 }
}

export const measureSealedDocument = async ({ start, isQuick }: Setting, shape: Shape): Promise<Figures> => {
  const { updates, width, joins } = shape
  const root = sealedRoot('one-document')
  const shard = root.shard('journal/2026/0')
  const server = await start()
  const { author, writer, last, cpu, seconds, load, isThere } = await ingest(server, root, shard, shape)
  const { line, device } = author
  const covers: Lines = new Map([
    [device.id, { counter: line.counter, innerHash: line.innerHash, certificate: device.certificate }]
  ])
  const document = encodePrepends(FIRST_CLIENT, 0, updates, width)
  const sealed = sealSnapshot(root, shard, device, { from: 1, to: last.seq, hashTo: last.hash, covers, document })
  for (const frame of snapshotFrames(shard, updates + 2, last, sealed)) writer.socket.send(frame)
  await wait(isQuick ? 2_500 : 5_000)

  const joinAll = async (relay: RunningServer, count: number) => {
    const window = openWindow(relay)
    const clients = await inBatches(count, count, (n) =>
      openSealed({ server: relay, root, shard, localAddress: addressOf(n), record: true })
    )
    const spent = window.close()
    const whole = [clients[0], clients.at(-1)].every(
      (client) => client?.snapshot !== undefined && isWhole(root, shard, client.snapshot(), client.recorded, shape)
    )
    for (const client of clients) client.close()
    return { ...spent, whole }
  }
  const many = await joinAll(server, joins)
  writer.close()
  await server.stop()
  const again = await start()
  await wait(500)
  const disk = await joinAll(again, 1)
  return {
    ingest: updates / seconds,
    ingestCpu: (cpu * 1e6) / updates,
    joinMs: many.seconds * 1_000,
    joinCpu: (many.cpu * 1_000) / joins,
    diskMs: disk.seconds * 1_000,
    diskCpu: disk.cpu * 1_000,
    load: load * 100,
    converged: isThere && many.whole && disk.whole ? 1 : 0
  }
}
