import * as Y from 'yjs'
import { KIND, type Lines, openEntry } from '#testing/spec-client/entries.ts'
import type { Root } from '#testing/spec-client/keys.ts'
import type { RunningServer } from './process.ts'
import { addressOf, inBatches, until } from './rig.ts'
import type { Room, RoomOptions } from './rooms.ts'
import { createAuthor, entryKey, openSealed, pushFrame, type SealedClient, sealedRoot } from './sealed.ts'
import { createTally } from './tally.ts'
import { encodeAppend, FIRST_CLIENT } from './updates.ts'

/** A room full of devices of one root: the same updates as in the open room, each sealed and signed beforehand. */

/** What a sample client got, opened as the specification says, makes the document of all updates. */
const makesDocument = (
  root: Root,
  shard: Uint8Array,
  recorded: readonly Uint8Array[],
  own: readonly Uint8Array[],
  all: readonly Uint8Array[]
): boolean => {
  const lines: Lines = new Map()
  const [doc, expected] = [new Y.Doc(), new Y.Doc()]
  for (const entry of recorded) {
    const opened = openEntry(root, shard, lines, entry)
    if (opened === undefined) return false
    if (opened.kind === KIND.update) Y.applyUpdate(doc, opened.body)
  }
  for (const update of own) Y.applyUpdate(doc, update)
  for (const update of all) Y.applyUpdate(expected, update)
  return doc.getText('t').toString() === expected.getText('t').toString()
}

export const fillSealedRoom = async (server: RunningServer, options: RoomOptions): Promise<Room> => {
  const { name, clients: count, width, samples = 0, firstAddress = 0, writes = 0 } = options
  const root = sealedRoot(name)
  const shard = root.shard('journal/2026/0')
  const tally = createTally({ ...options, writers: count })
  const placeOf = new Map<number, number>()
  const authors = Array.from({ length: count }, () => createAuthor(root, shard))
  const updates = authors.map((_, writer) =>
    Array.from({ length: writes }, (__, n) => encodeAppend(FIRST_CLIENT + writer, n, width))
  )
  const frames = authors.map(({ author }, writer) =>
    (updates[writer] as Uint8Array[]).map((update, n) => {
      const entry = author.entry(KIND.update, update)
      placeOf.set(entryKey(entry), writer * writes + n)
      return pushFrame(shard, n + 2, entry)
    })
  )
  let certified = 0
  const clients: readonly SealedClient[] = await inBatches(count, 50, (client) =>
    openSealed({
      server,
      root,
      shard,
      localAddress: addressOf(firstAddress + client),
      record: client < samples,
      onAck: () => {
        certified++
      },
      onRefused(ref, retryMs) {
        const frame =
          ref === 1
            ? pushFrame(shard, 1, (authors[client] as (typeof authors)[number]).first)
            : frames[client]?.[ref - 2]
        if (frame !== undefined) setTimeout(() => clients[client]?.socket.sendFrame(frame), Math.max(50, retryMs))
      },
      onEntry(key) {
        const place = placeOf.get(key)
        if (place === undefined) return
        const n = place % writes
        tally.saw(client, Math.floor(place / writes), n * width, (n + 1) * width, performance.now())
      }
    })
  )
  for (const [client, { first }] of authors.entries()) clients[client]?.socket.sendFrame(pushFrame(shard, 1, first))
  if (!(await until(() => certified >= count, 10_000))) throw new Error('certificates were not taken')
  const sentOf = (writer: number): readonly Uint8Array[] =>
    (updates[writer] as Uint8Array[]).slice(0, tally.sentBy(writer))
  return {
    tally,
    refusals: () => clients.reduce((sum, client) => sum + client.refusals(), 0),
    write(writer) {
      const n = tally.sent(writer, performance.now())
      const frame = frames[writer]?.[n]
      if (frame === undefined) throw new Error('more writes than were sealed')
      clients[writer]?.socket.sendFrame(frame)
    },
    close() {
      for (const client of clients) client.close()
    },
    isConverged: () =>
      tally.gaps() === 0 &&
      clients.every((client, index) => {
        if (tally.missing(index) > 0) return false
        if (client.recorded.length === 0) return true
        const all = updates.flatMap((_, writer) => sentOf(writer))
        return makesDocument(root, shard, client.recorded, sentOf(index), all)
      })
  }
}
