import { describe, expect, test } from 'vitest'
import { CAP_APPEND, CAP_READ } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { ENTRY_KIND } from '#core/entry.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createMemoryLog } from '#server/storage/memory/memory-log.ts'
import { createRig, HOST } from '#testing/wire/relay-rig.ts'
import { chain, enter, nackOf, pushed, root, sealedSnapshot, shard, snap } from '#testing/wire/relay-scene.ts'
import { sha256, wireEntry } from '#testing/wire/root.ts'

describe('pushing and pulling', () => {
  test('[RL8] an ACK comes when the store has kept the entries, and the others get them after it', async () => {
    const disk = createMemoryDisk()
    const kept = createMemoryLog({ disk, ledger: [], sha256, now: () => 0, rootBytes: 1e9 })
    let release: () => void = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const append: typeof kept.append = async (batch) => {
      await gate
      return kept.append(batch)
    }
    const rig = createRig({ log: { ...kept, append } })
    const [a, b] = [await enter(rig), await enter(rig)]
    b.pull(shard)
    await b.expect('head')
    a.push(shard, [wireEntry()], 7)
    a.send({ type: 'time', t0: 1 })
    await a.expect('time')
    expect([a.waiting(), b.waiting()]).toEqual([[], []])
    release()
    expect(await a.expect('ack')).toMatchObject({ ref: 7, seqs: [1] })
    expect((await b.expect('entries')).from).toBe(1)
  })

  test('[RL9] the same push again names the old seqs and stores nothing', async () => {
    const rig = createRig()
    const wire = await enter(rig)
    const entries = [wireEntry(), wireEntry()]
    const first = await pushed(wire, entries)
    const again = await pushed(wire, entries, 2)
    expect(again).toEqual({ ...first, ref: 2 })
    expect(first.hash).toEqual(chain(entries)[2])
  })

  test('[RL10] PULL gives every entry once and in order, then HEAD, then what comes', async () => {
    const rig = createRig({ limits: { pageBytes: 200 } })
    const [a, b] = [await enter(rig), await enter(rig)]
    const entries = Array.from({ length: 20 }, () => wireEntry())
    await pushed(a, entries.slice(0, 15))
    b.pull(shard)
    const got: Uint8Array[] = []
    const take = async (until: number): Promise<void> => {
      while (got.length < until) {
        const frame = await b.expect('entries')
        expect(frame.from).toBe(got.length + 1)
        for (const item of frame.items) if (item.kind === 'entry') got.push(item.bytes)
      }
    }
    await take(15)
    expect(await b.expect('head')).toMatchObject({ seq: 15, hash: chain(entries)[15] })
    await pushed(a, entries.slice(15), 2)
    await take(20)
    expect(got).toEqual(entries)
  })

  test('[RL11] an entry pushed on a socket that is at the head comes back to it as its digest', async () => {
    const wire = await enter(createRig())
    wire.pull(shard)
    await wire.expect('head')
    const entry = wireEntry()
    wire.push(shard, [entry])
    await wire.expect('ack')
    expect((await wire.expect('entries')).items).toEqual([{ kind: 'digest', digest: sha256(entry) }])
  })

  test('[RL12] PULL from another history is a fork, and no subscription', async () => {
    const rig = createRig()
    const [a, b] = [await enter(rig), await enter(rig)]
    await pushed(a, [wireEntry()])
    b.pull(shard, { seq: 1, hash: new Uint8Array(16) })
    expect(await nackOf(b)).toBe('fork')
    b.pull(shard, { seq: 2, hash: new Uint8Array(16) })
    expect(await nackOf(b)).toBe('fork')
    await pushed(a, [wireEntry()], 2)
    expect(b.waiting()).toEqual([])
  })

  test('[RL13] a push is refused whole: kind, epoch, rights, form', async () => {
    const rig = createRig()
    const wire = await enter(rig)
    const refusals: (string | undefined)[] = []
    for (const bad of [
      wireEntry('', { epoch: 1 }),
      wireEntry('', { kind: ENTRY_KIND.snapshot }),
      wireEntry('', { kind: ENTRY_KIND.ephemeral }),
      wireEntry('', { suite: 2 }),
      wireEntry('', { kind: ENTRY_KIND.join }),
      new Uint8Array(10),
      wireEntry('', { size: 999_900 })
    ]) {
      wire.push(shard, bad.byteLength > 900_000 ? [bad] : [wireEntry(), bad])
      refusals.push(await nackOf(wire))
    }
    expect(refusals).toEqual([
      'epoch',
      'malformed',
      'malformed',
      'unsupported',
      'not-permitted',
      'malformed',
      'too-large'
    ])
    wire.push(shard, [])
    expect(await nackOf(wire)).toBe('malformed')
    wire.pull(shard)
    expect((await wire.expect('head')).seq).toBe(0)
  })

  test('[RL14] a certificate grants only what its caps say, until it expires', async () => {
    const rig = createRig()
    const reader = rig.plug()
    await reader.enter(root, HOST, 0, root.certificate({ caps: CAP_READ }))
    reader.push(shard, [wireEntry()])
    expect(await nackOf(reader)).toBe('not-permitted')
    snap(reader, 1, EMPTY_CHAIN_HASH, sealedSnapshot())
    expect(await nackOf(reader)).toBe('not-permitted')
    const writer = rig.plug()
    const notAfter = rig.clock.now() + 1_000
    await writer.enter(root, HOST, 0, root.certificate({ caps: CAP_APPEND, notAfter }))
    writer.pull(shard)
    expect(await nackOf(writer)).toBe('not-permitted')
    await pushed(writer, [wireEntry()])
    rig.clock.pass(1_001)
    writer.push(shard, [wireEntry()])
    expect(await nackOf(writer)).toBe('expired')
  })

  test('[RL15] a socket that does not read is not fed beyond its bound, and pulls on when it does', async () => {
    const rig = createRig({ limits: { bufferBytes: 3_000, pageBytes: 1_000 } })
    const [a, b] = [await enter(rig), rig.plug()]
    await b.enter(root, HOST)
    const entries = Array.from({ length: 40 }, () => wireEntry('', { size: 300 }))
    await pushed(a, entries)
    b.stall()
    b.pull(shard)
    await rig.settle()
    expect(b.unread()).toBeGreaterThan(3_000)
    expect(b.unread()).toBeLessThan(5_000)
    let last = 0
    for (let rounds = 0; last < entries.length; rounds++) {
      expect(rounds).toBeLessThan(30)
      b.drain()
      b.stall()
      await rig.settle()
      for (const frame of b.waiting()) {
        const taken = await b.next()
        expect(taken).toBe(frame)
        if (taken.type === 'entries') {
          expect(taken.from).toBe(last + 1)
          last += taken.items.length
        } else if (taken.type === 'head' && taken.seq > last)
          b.pull(shard, { seq: last, hash: chain(entries)[last] ?? EMPTY_CHAIN_HASH })
      }
      await rig.settle()
    }
    // Live again: what comes now is passed on.
    b.drain()
    await pushed(a, [wireEntry()], 2)
    await rig.settle()
    expect(b.waiting().filter((frame) => frame.type === 'entries').length).toBe(1)
  })

  test('[RL16] a hint from another relay of the same store brings its entries', async () => {
    const bus = createMemoryBus()
    const log = createMemoryLog({ disk: createMemoryDisk(), ledger: [], sha256, now: () => 0, rootBytes: 1e9 })
    const [here, there] = [createRig({ bus, log, isShared: true }), createRig({ bus, log, isShared: true })]
    const [a, b] = [await enter(here), await enter(there)]
    b.pull(shard)
    await b.expect('head')
    const entry = wireEntry()
    await pushed(a, [entry])
    expect((await b.expect('entries')).items).toEqual([{ kind: 'entry', bytes: entry }])
  })
})
