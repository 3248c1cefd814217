import { expect, test } from 'vitest'
import type { DocPath, LogFailure, Received, RelayName, RowId, SealedRow } from '#app/store/ports.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { type DeviceId, seq } from '#core/ids.ts'
import type { Result } from '#core/result.ts'
import type { Log } from './log.ts'

/** Two tabs on one empty database, and what must be closed afterwards. */
export interface LogUnderTest extends AsyncDisposable {
  readonly log: Log
  readonly other: Log
}

export type OpenLogs = () => Promise<LogUnderTest>

const journal = 'journal/2026/0' as DocPath
const library = 'library' as DocPath
const relay = 'relay.example' as RelayName
const mirror = 'mirror.example' as RelayName

const bytes = (...values: number[]) => new Uint8Array(values)
const hash = (fill: number) => new Uint8Array(16).fill(fill)
const cursor = (at: number) => ({ seq: seq(at), hash: at === 0 ? EMPTY_CHAIN_HASH : hash(at) })
const ids = (rows: readonly { readonly id: RowId }[]) => rows.map((row) => row.id)
const updates = (rows: readonly { readonly update: Uint8Array }[]) => rows.map((row) => [...row.update])

const must = async <Value, Failure>(work: Promise<Result<Value, Failure>>): Promise<Value> => {
  const result = await work
  if (!result.ok) throw new Error(`expected success, got ${JSON.stringify(result.error)}`)
  return result.value
}
const refusal = async (work: Promise<Result<unknown, LogFailure | { readonly kind: 'raced' }>>): Promise<string> => {
  const result = await work
  return result.ok ? 'no refusal' : result.error.kind
}

const sealedRow = (counter: number, rows: readonly RowId[], epoch = 0): SealedRow => ({
  counter,
  bytes: bytes(100, counter, epoch),
  digest: new Uint8Array(32).fill(counter),
  innerHash: hash(counter + 100 * epoch),
  rows,
  epoch
})

const received = (from: number, to: number, more: Partial<Received> = {}): Received => ({
  from: cursor(from),
  to: cursor(to),
  updates: [],
  covers: [],
  opaque: [],
  tailBytes: 0,
  snapshotBytes: 0,
  own: [],
  ...more
})

const ack = (counter: number, at: number) => ({ counter, seq: seq(at) })
const counters = async (log: Log, doc: DocPath, at: RelayName) =>
  (await must(log.unacknowledged(doc, at))).map((row) => row.counter)

/** The suite of all three ports, DocLog, SyncLog and Shelf. Rules: docs/spec/device-log.md. */
export const logContract = (open: OpenLogs): void => {
  documents(open)
  folding(open)
  sealing(open)
  acknowledging(open)
  receiving(open)
  changingHands(open)
  keeping(open)
}

const documents = (open: OpenLogs): void => {
  test('[LG1] an unknown document is empty, and what was appended is loaded in order', async () => {
    await using tabs = await open()
    expect(await must(tabs.log.load(journal))).toEqual({ base: undefined, rows: [], upTo: 0 })
    await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.appendLocal(library, bytes(9)))
    await must(tabs.log.appendLocal(journal, bytes(2)))
    const loaded = await must(tabs.log.load(journal))
    expect(updates(loaded.rows)).toEqual([[1], [2]])
    expect(loaded.upTo).toBe(loaded.rows[1]?.id)
    expect(await must(tabs.log.documents())).toEqual([journal, library])
  })

  test('[LG2] a local edit is in the document and in the outbox by one transaction', async () => {
    await using tabs = await open()
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    expect(ids((await must(tabs.log.load(journal))).rows)).toEqual([id])
    expect(ids(await must(tabs.log.unsealed(journal)))).toEqual([id])
    expect(await must(tabs.log.waiting(relay))).toEqual([journal])
  })

  test('[LG3] row ids rise over all documents and tabs and are not used twice, also after everything was forgotten', async () => {
    await using tabs = await open()
    const written = await Promise.all([
      must(tabs.log.appendLocal(journal, bytes(1))),
      must(tabs.other.appendLocal(library, bytes(2))),
      must(tabs.log.appendLocal(library, bytes(3)))
    ])
    expect(new Set(written).size).toBe(3)
    await must(tabs.log.forget('all'))
    expect(await must(tabs.other.appendLocal(journal, bytes(4)))).toBeGreaterThan(Math.max(...written))
  })

  test('[LG4] readAfter brings what came since, from the other tab too, and nothing twice', async () => {
    await using tabs = await open()
    const first = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.other.appendLocal(journal, bytes(2)))
    await must(tabs.other.receive(journal, relay, received(0, 1, { updates: [bytes(3)] })))
    const since = await must(tabs.log.readAfter(journal, first))
    expect(updates(since.rows)).toEqual([[2], [3]])
    expect(since.base).toBeUndefined()
    expect(await must(tabs.log.readAfter(journal, since.upTo))).toEqual({ base: undefined, rows: [], upTo: since.upTo })
  })

  test('[LG5] a subscriber in either tab hears of a change, and of nothing after it left', async () => {
    await using tabs = await open()
    const heardHere: DocPath[] = []
    const leave = tabs.log.subscribe((doc) => heardHere.push(doc))
    const heardThere = new Promise<DocPath>((resolve) => tabs.other.subscribe(resolve))
    await must(tabs.log.appendLocal(journal, bytes(1)))
    expect(await heardThere).toBe(journal)
    expect(heardHere).toEqual([journal])
    leave()
    await must(tabs.log.appendLocal(journal, bytes(2)))
    expect(heardHere).toEqual([journal])
  })

  test('[LG6] a closed log answers every verb with closed, never with an empty document', async () => {
    await using tabs = await open()
    await must(tabs.log.appendLocal(journal, bytes(1)))
    await tabs.log.close()
    expect(await refusal(tabs.log.load(journal))).toBe('closed')
    expect(await refusal(tabs.log.appendLocal(journal, bytes(2)))).toBe('closed')
    expect(await refusal(tabs.log.get('phrase'))).toBe('closed')
    expect(updates((await must(tabs.other.load(journal))).rows)).toEqual([[1]])
  })

  test('[LG7] bytes that are a view on a larger buffer are kept alone', async () => {
    await using tabs = await open()
    await must(tabs.log.appendLocal(journal, new Uint8Array(1_000).fill(7).subarray(10, 12)))
    const [row] = (await must(tabs.log.load(journal))).rows
    expect(row?.update.buffer.byteLength).toBe(2)
  })
}

/** Rows of the document that a relay has, and what it takes to get there. */
const confirmedRows = async (log: Log, count: number): Promise<readonly RowId[]> => {
  const made: RowId[] = []
  for (let n = 1; n <= count; n++) made.push(await must(log.appendLocal(journal, bytes(n))))
  const author = await must(log.author(journal))
  await must(log.keepSealed(journal, sealedRow(author.counter + 1, made)))
  await must(log.acknowledge(journal, relay, [ack(author.counter + 1, 1)]))
  return made
}

const folding = (open: OpenLogs): void => {
  test('[LG8] confirmed rows fold into the base; a reader who had not seen them gets the base, one who had does not', async () => {
    await using tabs = await open()
    const rows = await confirmedRows(tabs.log, 3)
    const before = await must(tabs.log.foldable(journal))
    expect({ base: before.base, confirmed: ids(before.confirmed) }).toEqual({ base: undefined, confirmed: rows })
    const fold = { state: 'confirmed', baseId: before.baseId, rows, bytes: bytes(1, 2, 3) } as const
    await must(tabs.log.fold(journal, fold))
    expect(await must(tabs.other.load(journal))).toEqual({ base: bytes(1, 2, 3), rows: [], upTo: rows[2] })
    expect((await must(tabs.other.readAfter(journal, rows[0] as RowId))).base).toEqual(bytes(1, 2, 3))
    expect((await must(tabs.other.readAfter(journal, rows[2] as RowId))).base).toBeUndefined()
  })

  test('[LG9] of two folds of the same base or rows one is refused as raced and changes nothing', async () => {
    await using tabs = await open()
    const rows = await confirmedRows(tabs.log, 3)
    const { baseId } = await must(tabs.log.foldable(journal))
    await must(tabs.log.fold(journal, { state: 'confirmed', baseId, rows: rows.slice(1), bytes: bytes(2, 3) }))
    const late = { state: 'confirmed', baseId, rows: rows.slice(0, 1), bytes: bytes(1) } as const
    expect(await refusal(tabs.other.fold(journal, late))).toBe('raced')
    const next = await must(tabs.other.foldable(journal))
    expect(await refusal(tabs.other.fold(journal, { ...late, baseId: next.baseId, rows }))).toBe('raced')
    expect(await must(tabs.other.load(journal))).toEqual({
      base: bytes(2, 3),
      rows: [{ id: rows[0], update: bytes(1) }],
      upTo: rows[2]
    })
    // Folding the older row does not raise upTo: only the new id of the base tells the two bases apart.
    await must(tabs.other.fold(journal, { ...late, baseId: next.baseId, bytes: bytes(1, 2, 3) }))
    const stale = { state: 'confirmed', baseId: next.baseId, rows: [await oneMore(tabs.log)], bytes: bytes(4) } as const
    expect(await refusal(tabs.log.fold(journal, stale))).toBe('raced')
  })

  test('[LG10] unsealed rows fold into one unsealed row; sealed or waiting ones are refused as confirmed', async () => {
    await using tabs = await open()
    const rows = [
      await must(tabs.log.appendLocal(journal, bytes(1))),
      await must(tabs.log.appendLocal(journal, bytes(2)))
    ]
    const { baseId } = await must(tabs.log.foldable(journal))
    const fold = { baseId, rows, bytes: bytes(1, 2) }
    expect(await refusal(tabs.log.fold(journal, { ...fold, state: 'confirmed' }))).toBe('raced')
    const folded = await must(tabs.log.fold(journal, { ...fold, state: 'unsealed' }))
    expect(await must(tabs.log.unsealed(journal))).toEqual([{ id: folded, update: bytes(1, 2) }])
    expect(updates((await must(tabs.other.readAfter(journal, rows[1] as RowId))).rows)).toEqual([[1, 2]])
    await must(tabs.log.keepSealed(journal, sealedRow(1, [folded])))
    expect(await refusal(tabs.log.fold(journal, { ...fold, rows: [folded], state: 'unsealed' }))).toBe('raced')
    expect(await must(tabs.log.foldable(journal))).toMatchObject({ confirmed: [], unsealed: [] })
  })
}

const oneMore = async (log: Log): Promise<RowId> => {
  const id = await must(log.appendLocal(journal, bytes(77)))
  const { counter } = await must(log.author(journal))
  await must(log.keepSealed(journal, sealedRow(counter + 1, [id])))
  await must(log.acknowledge(journal, relay, [ack(counter + 1, counter + 1)]))
  return id
}

const sealing = (open: OpenLogs): void => {
  test('[LG11] sealed bytes are kept with their counter; the author goes on from them', async () => {
    await using tabs = await open()
    expect(await must(tabs.log.author(journal))).toEqual({ counter: 0, innerHash: EMPTY_CHAIN_HASH })
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [])))
    await must(tabs.log.keepSealed(journal, sealedRow(2, [id])))
    expect(await must(tabs.other.author(journal))).toEqual({ counter: 2, innerHash: hash(2) })
    expect(await must(tabs.other.unsealed(journal))).toEqual([])
    expect(await must(tabs.other.unacknowledged(journal, relay))).toEqual([sealedRow(1, []), sealedRow(2, [id])])
  })

  test('[LG12] a counter that is not the next one, or rows already sealed, are refused as raced', async () => {
    await using tabs = await open()
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    expect(await refusal(tabs.log.keepSealed(journal, sealedRow(2, [id])))).toBe('raced')
    const both = await Promise.all([tabs.log, tabs.other].map((log) => log.keepSealed(journal, sealedRow(1, [id]))))
    expect(both.filter((result) => result.ok)).toHaveLength(1)
    expect(await refusal(tabs.other.keepSealed(journal, sealedRow(2, [id])))).toBe('raced')
    expect(await counters(tabs.log, journal, relay)).toEqual([1])
  })

  test('[LG13] the same counter is sealed anew only for a later epoch, the same rows and before any acknowledgement', async () => {
    await using tabs = await open()
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [id])))
    expect(await refusal(tabs.log.replaceSealed(journal, sealedRow(1, [id], 0)))).toBe('raced')
    expect(await refusal(tabs.log.replaceSealed(journal, sealedRow(1, [], 1)))).toBe('raced')
    expect(await refusal(tabs.log.replaceSealed(journal, sealedRow(2, [], 1)))).toBe('raced')
    await must(tabs.log.replaceSealed(journal, sealedRow(1, [id], 1)))
    expect(await must(tabs.log.unacknowledged(journal, relay))).toEqual([sealedRow(1, [id], 1)])
    expect(await must(tabs.log.author(journal))).toEqual({ counter: 1, innerHash: hash(101) })
    await must(tabs.log.acknowledge(journal, mirror, [ack(1, 1)]))
    expect(await refusal(tabs.log.replaceSealed(journal, sealedRow(1, [id], 2)))).toBe('raced')
  })
}

const acknowledging = (open: OpenLogs): void => {
  test('[LG14] one relay confirms the rows; the other still gets the same bytes', async () => {
    await using tabs = await open()
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [id])))
    expect(ids((await must(tabs.log.foldable(journal))).confirmed)).toEqual([])
    for (const _ of ['once', 'again']) await must(tabs.log.acknowledge(journal, relay, [ack(1, 5), ack(9, 6)]))
    expect(ids((await must(tabs.log.foldable(journal))).confirmed)).toEqual([id])
    expect(await must(tabs.log.waiting(relay))).toEqual([])
    expect(await must(tabs.log.waiting(mirror))).toEqual([journal])
    expect(await must(tabs.log.unacknowledged(journal, mirror))).toEqual([sealedRow(1, [id])])
  })

  test('[LG15] acknowledgements may come in any order', async () => {
    await using tabs = await open()
    for (let n = 1; n <= 4; n++) await must(tabs.log.keepSealed(journal, sealedRow(n, [])))
    await must(tabs.log.acknowledge(journal, relay, [ack(3, 3)]))
    expect(await counters(tabs.log, journal, relay)).toEqual([1, 2, 4])
    await must(tabs.log.acknowledge(journal, relay, [ack(1, 1), ack(4, 4)]))
    expect(await counters(tabs.other, journal, relay)).toEqual([2])
    await must(tabs.log.acknowledge(journal, relay, [ack(2, 2)]))
    expect(await counters(tabs.log, journal, relay)).toEqual([])
    expect(await must(tabs.log.waiting(relay))).toEqual([])
  })

  test('[LG16] a rewind forgets what the relay acknowledged past it: those rows are sent again under the same bytes', async () => {
    await using tabs = await open()
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    for (let n = 1; n <= 3; n++) await must(tabs.log.keepSealed(journal, sealedRow(n, n === 3 ? [id] : [])))
    await must(tabs.log.acknowledge(journal, relay, [ack(1, 2), ack(2, 4), ack(3, 6)]))
    await must(tabs.log.acknowledge(journal, mirror, [ack(1, 1), ack(2, 2), ack(3, 3)]))
    await must(tabs.log.rewind(journal, relay, cursor(4)))
    expect(await must(tabs.log.unacknowledged(journal, relay))).toEqual([sealedRow(3, [id])])
    expect(await counters(tabs.log, journal, mirror)).toEqual([])
    expect(ids((await must(tabs.log.foldable(journal))).confirmed)).toEqual([id])
    await must(tabs.log.rewind(journal, relay, cursor(0)))
    expect(await counters(tabs.log, journal, relay)).toEqual([1, 2, 3])
    expect((await must(tabs.log.shard(journal, relay))).cursor).toEqual(cursor(0))
  })

  test('[LG17] superseded sealed bytes are dropped once acknowledged, and are not waited for afterwards', async () => {
    await using tabs = await open()
    for (let n = 1; n <= 3; n++) await must(tabs.log.keepSealed(journal, sealedRow(n, [])))
    await must(tabs.log.acknowledge(journal, relay, [ack(1, 1), ack(3, 3)]))
    await must(tabs.log.dropSealed(journal, 2))
    await must(tabs.log.rewind(journal, relay, cursor(0)))
    expect(await counters(tabs.log, journal, relay)).toEqual([2, 3])
    await must(tabs.log.acknowledge(journal, relay, [ack(2, 1), ack(3, 2)]))
    await must(tabs.log.dropSealed(journal, 3))
    await must(tabs.log.rewind(journal, relay, cursor(0)))
    expect(await must(tabs.log.waiting(relay))).toEqual([])
    expect(await must(tabs.log.waiting(mirror))).toEqual([])
    expect((await must(tabs.log.author(journal))).counter).toBe(3)
  })
}

const cover = (counter: number) => ({
  device: 'aabbccdd00112233' as DeviceId,
  counter,
  innerHash: hash(counter),
  certificate: bytes(5)
})

const receiving = (open: OpenLogs): void => {
  test('[LG18] a received stretch is written as one: rows, cursor, covers, opaque entries, own acknowledgements', async () => {
    await using tabs = await open()
    const own = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [own])))
    const stretch = received(0, 7, {
      updates: [bytes(8), bytes(9)],
      covers: [cover(3)],
      opaque: [{ seq: seq(6), bytes: bytes(6) }],
      tailBytes: 70,
      snapshotBytes: 10,
      own: [ack(1, 5)]
    })
    const last = await must(tabs.log.receive(journal, relay, stretch))
    const loaded = await must(tabs.other.load(journal))
    expect(updates(loaded.rows)).toEqual([[1], [8], [9]])
    expect(loaded.upTo).toBe(last)
    expect(await must(tabs.other.unsealed(journal))).toEqual([])
    expect(ids((await must(tabs.other.foldable(journal))).confirmed)).toEqual(ids(loaded.rows))
    expect(await counters(tabs.other, journal, relay)).toEqual([])
    expect(await must(tabs.other.shard(journal, relay))).toEqual({
      cursor: cursor(7),
      remembered: [],
      covers: [cover(3)],
      opaque: [{ seq: seq(6), bytes: bytes(6) }],
      tailBytes: 70,
      snapshotBytes: 10,
      heldElsewhere: 0
    })
  })

  test('[LG19] a stretch that does not begin at the kept cursor is refused as raced and leaves nothing', async () => {
    await using tabs = await open()
    const stretch = received(0, 2, { updates: [bytes(1)] })
    const both = await Promise.all([tabs.log, tabs.other].map((log) => log.receive(journal, relay, stretch)))
    expect(both.filter((result) => result.ok)).toHaveLength(1)
    const otherHash = { ...received(2, 3, { updates: [bytes(2)] }), from: { seq: seq(2), hash: hash(99) } }
    expect(await refusal(tabs.log.receive(journal, relay, otherHash))).toBe('raced')
    expect(updates((await must(tabs.log.load(journal))).rows)).toEqual([[1]])
    expect((await must(tabs.log.shard(journal, relay))).cursor).toEqual(cursor(2))
  })

  test('[LG20] older cursors are remembered, the newest first, near ones all and far ones ever more sparsely', async () => {
    await using tabs = await open()
    for (let at = 0; at < 200; at++) await must(tabs.log.receive(journal, relay, received(at, at + 1)))
    const seqs = (await must(tabs.log.shard(journal, relay))).remembered.map((each) => Number(each.seq))
    expect(seqs.slice(0, 8)).toEqual([199, 198, 197, 196, 195, 194, 193, 192])
    expect(seqs.length).toBeLessThan(20)
    for (const lost of [10, 30, 60, 100]) expect(seqs.some((at) => at <= 199 - lost && at >= 199 - 2 * lost)).toBe(true)
    await must(tabs.log.rewind(journal, relay, cursor(seqs[3] as number)))
    const after = await must(tabs.log.shard(journal, relay))
    expect(after.cursor).toEqual(cursor(196))
    expect(after.remembered.map((each) => Number(each.seq))).toEqual(seqs.slice(4))
  })

  test('[LG21] cursors and acknowledgements belong to one relay; a rewind keeps what is known of authors', async () => {
    await using tabs = await open()
    await must(tabs.log.receive(journal, relay, received(0, 4, { covers: [cover(2)] })))
    expect((await must(tabs.log.shard(journal, mirror))).cursor).toEqual(cursor(0))
    expect((await must(tabs.log.shard(library, relay))).cursor).toEqual(cursor(0))
    await must(tabs.log.noteHeld(journal, relay, seq(4)))
    await must(tabs.log.noteHeld(journal, relay, seq(3)))
    expect((await must(tabs.log.shard(journal, relay))).heldElsewhere).toBe(4)
    await must(tabs.log.rewind(journal, relay, cursor(1)))
    expect(await must(tabs.log.shard(journal, relay))).toMatchObject({
      cursor: cursor(1),
      covers: [cover(2)],
      heldElsewhere: 1
    })
  })
}

const changingHands = (open: OpenLogs): void => {
  test('[LG22] a new device key begins every line at 0, and what no relay has is unsealed again', async () => {
    await using tabs = await open()
    const had = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [had])))
    await must(tabs.log.acknowledge(journal, relay, [ack(1, 1)]))
    const lacks = await must(tabs.log.appendLocal(journal, bytes(2)))
    await must(tabs.log.keepSealed(journal, sealedRow(2, [lacks])))
    await must(tabs.log.receive(journal, relay, received(0, 1)))
    await must(tabs.log.beginAuthor())
    expect(await must(tabs.log.author(journal))).toEqual({ counter: 0, innerHash: EMPTY_CHAIN_HASH })
    expect(ids(await must(tabs.log.unsealed(journal)))).toEqual([lacks])
    expect(await counters(tabs.log, journal, relay)).toEqual([])
    expect((await must(tabs.log.shard(journal, relay))).cursor).toEqual(cursor(1))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [lacks])))
    expect(await counters(tabs.log, journal, relay)).toEqual([1])
  })

  test('[LG23] under another root all content becomes local and unsealed, in order; done twice it is the same', async () => {
    await using tabs = await open()
    const rows = await confirmedRows(tabs.log, 2)
    const { baseId } = await must(tabs.log.foldable(journal))
    await must(tabs.log.fold(journal, { state: 'confirmed', baseId, rows, bytes: bytes(1, 2) }))
    await must(tabs.log.receive(journal, relay, received(0, 3, { updates: [bytes(3)], covers: [cover(1)] })))
    await must(tabs.log.receive(library, relay, received(0, 1, { updates: [bytes(4)] })))
    await must(tabs.log.keepProof('writer', 'root', bytes(7)))
    await must(tabs.log.reroot())
    const content = updates(await must(tabs.log.unsealed(journal)))
    expect(content).toEqual([[1, 2], [3]])
    expect(await must(tabs.other.load(journal))).toMatchObject({ base: undefined })
    expect(updates(await must(tabs.log.unsealed(library)))).toEqual([[4]])
    expect((await must(tabs.log.author(journal))).counter).toBe(0)
    expect(await must(tabs.log.shard(journal, relay))).toMatchObject({ cursor: cursor(0), covers: [] })
    expect(await must(tabs.log.proofs())).toHaveLength(1)
    const before = await must(tabs.log.load(journal))
    await must(tabs.other.reroot())
    expect(await must(tabs.log.load(journal))).toEqual(before)
    expect(updates(await must(tabs.log.unsealed(journal)))).toEqual(content)
  })
}

const keeping = (open: OpenLogs): void => {
  test('[LG24] forget removes everything of the named documents and nothing of others', async () => {
    await using tabs = await open()
    for (const doc of [journal, library]) {
      const id = await must(tabs.log.appendLocal(doc, bytes(1)))
      await must(tabs.log.keepSealed(doc, sealedRow(1, [id])))
      await must(tabs.log.receive(doc, relay, received(0, 1, { covers: [cover(1)], own: [ack(1, 1)] })))
    }
    const heard: DocPath[] = []
    tabs.log.subscribe((doc) => heard.push(doc))
    await must(tabs.log.forget([journal]))
    expect(heard).toEqual([journal])
    expect(await must(tabs.other.documents())).toEqual([library])
    expect(await must(tabs.other.load(journal))).toEqual({ base: undefined, rows: [], upTo: 0 })
    expect(await must(tabs.other.author(journal))).toEqual({ counter: 0, innerHash: EMPTY_CHAIN_HASH })
    expect((await must(tabs.other.shard(journal, relay))).cursor).toEqual(cursor(0))
    expect((await must(tabs.other.shard(library, relay))).cursor).toEqual(cursor(1))
    await must(tabs.log.forget('all'))
    expect(await must(tabs.other.documents())).toEqual([])
    expect(await must(tabs.other.author(library))).toMatchObject({ counter: 0 })
  })

  test('[LG25] proofs are kept for ever, also when everything is forgotten', async () => {
    await using tabs = await open()
    await must(tabs.log.keepProof('writer', 'root', bytes(1)))
    await must(tabs.log.keepProof('erasure', 'root', bytes(2)))
    await must(tabs.log.keepProof('writer', 'root', bytes(3)))
    await must(tabs.log.forget('all'))
    const proofs = [...(await must(tabs.other.proofs()))]
    expect(proofs).toEqual([
      { kind: 'erasure', key: 'root', bytes: bytes(2) },
      { kind: 'writer', key: 'root', bytes: bytes(3) }
    ])
  })

  test('[LG26] the shelf keeps copies of values, keys that may not be exported among them, and forget leaves it', async () => {
    await using tabs = await open()
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt'])
    const value = { words: ['one'], at: new Date(0), key }
    await must(tabs.log.put('phrase', value))
    value.words.push('two')
    await must(tabs.log.forget('all'))
    const kept = (await must(tabs.other.get('phrase'))) as typeof value
    expect(kept.words).toEqual(['one'])
    expect(kept.at).toEqual(new Date(0))
    expect(kept.key.extractable).toBe(false)
    await must(tabs.other.delete('phrase'))
    expect(await must(tabs.log.get('phrase'))).toBeUndefined()
  })
}
