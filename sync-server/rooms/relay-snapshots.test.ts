import { describe, expect, test } from 'vitest'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { ENTRY_KIND } from '#core/entry.ts'
import { seq } from '#core/ids.ts'
import { SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import { createRig } from '#testing/wire/relay-rig.ts'
import { chain, enter, nackOf, pushed, sealedSnapshot, shard, snap } from '#testing/wire/relay-scene.ts'
import { wireEntry } from '#testing/wire/root.ts'

describe('snapshots', () => {
  test('[RL17] a snapshot is accepted by compare-and-swap and stands for what it covers', async () => {
    const rig = createRig()
    const [a, b] = [await enter(rig), await enter(rig)]
    const entries = [wireEntry(), wireEntry(), wireEntry()]
    const hashes = chain(entries)
    await pushed(a, entries)
    const body = sealedSnapshot(SNAPSHOT_CHUNK_BYTES * 2)
    snap(a, 2, hashes[2] ?? EMPTY_CHAIN_HASH, body)
    expect(await a.until('ack')).toMatchObject({ ref: 9, seqs: [2], hash: hashes[2] })
    snap(a, 2, hashes[2] ?? EMPTY_CHAIN_HASH, sealedSnapshot())
    expect(await nackOf(a)).toBe('cas')
    snap(a, 3, hashes[2] ?? EMPTY_CHAIN_HASH, sealedSnapshot())
    expect(await nackOf(a)).toBe('cas')
    b.pull(shard)
    const chunks = [await b.expect('snapshot'), await b.expect('snapshot'), await b.expect('snapshot')]
    expect(chunks.map(({ index, count, from, to }) => [index, count, from, to])).toEqual([
      [0, 3, 1, 2],
      [1, 3, 1, 2],
      [2, 3, 1, 2]
    ])
    expect(Buffer.concat(chunks.map(({ chunk }) => chunk)).equals(body)).toBe(true)
    expect(await b.expect('entries')).toMatchObject({ from: 3 })
    expect((await b.expect('head')).seq).toBe(3)
  })

  test('[RL18] chunks out of order, of another size or not an entry are malformed; too many are too-large', async () => {
    const wire = await enter(createRig())
    const chunk = { type: 'snap', ch: 0, shard, from: seq(1), to: seq(1), hashTo: EMPTY_CHAIN_HASH } as const
    wire.send({ ...chunk, ref: 1, index: 1, count: 2, chunk: new Uint8Array(5) })
    expect(await nackOf(wire)).toBe('malformed')
    wire.send({ ...chunk, ref: 2, index: 0, count: 2, chunk: new Uint8Array(5) })
    expect(await nackOf(wire)).toBe('malformed')
    // What is still on its way of a refused snapshot is passed over.
    wire.send({ ...chunk, ref: 2, index: 1, count: 2, chunk: new Uint8Array(5) })
    snap(wire, 1, EMPTY_CHAIN_HASH, new Uint8Array(100), 3)
    expect(await nackOf(wire)).toBe('malformed')
    wire.send({ ...chunk, ref: 4, index: 0, count: 251, chunk: new Uint8Array(SNAPSHOT_CHUNK_BYTES) })
    expect(await nackOf(wire)).toBe('too-large')
    snap(wire, 1, EMPTY_CHAIN_HASH, wireEntry('', { kind: ENTRY_KIND.snapshot, epoch: 4 }), 5)
    expect(await nackOf(wire)).toBe('epoch')
    expect(wire.waiting()).toEqual([])
  })

  test('[RL19] snapshots in reception share one bound', async () => {
    const rig = createRig({ limits: { assemblyBytes: SNAPSHOT_CHUNK_BYTES * 2 } })
    const [a, b] = [await enter(rig), await enter(rig)]
    const part = {
      type: 'snap',
      ch: 0,
      shard,
      ref: 1,
      from: seq(1),
      to: seq(1),
      hashTo: EMPTY_CHAIN_HASH,
      count: 9
    } as const
    const chunk = new Uint8Array(SNAPSHOT_CHUNK_BYTES)
    a.send({ ...part, index: 0, chunk })
    a.send({ ...part, index: 1, chunk })
    b.send({ ...part, index: 0, chunk })
    expect(await nackOf(b)).toBe('paused')
    a.close()
    b.send({ ...part, ref: 2, index: 0, chunk })
    await rig.settle()
    expect(b.waiting().filter((frame) => frame.type === 'nack')).toEqual([])
    // Who stops sending one gives the room back too.
    b.send({ ...part, ref: 2, index: 1, chunk })
    const c = await enter(rig)
    c.send({ ...part, index: 0, chunk })
    expect(await nackOf(c)).toBe('paused')
    rig.clock.pass(61_000)
    c.send({ ...part, ref: 2, index: 0, chunk })
    await rig.settle()
    expect(c.waiting().filter((frame) => frame.type === 'nack')).toEqual([])
  })
})
