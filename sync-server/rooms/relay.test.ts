import { describe, expect, test } from 'vitest'
import { CAP_APPEND, CAP_READ, decodeEraseReceipt, encodeErasureProof, eraseReceiptMessage } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH, nextChainHash } from '#core/chain.ts'
import { CLOSE } from '#core/close-codes.ts'
import { ENTRY_KIND } from '#core/entry.ts'
import { seq } from '#core/ids.ts'
import { SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createMemoryLog } from '#server/storage/memory/memory-log.ts'
import { createRig, HOST, type Rig, verifyEd25519 } from '#testing/wire/relay-rig.ts'
import { sha256, wireEntry, wireRoot, wireShard } from '#testing/wire/root.ts'
import { refusalOf, type Wire } from '#testing/wire/wire.ts'

const root = wireRoot('a')
const other = wireRoot('b')
const shard = wireShard(1)

const chain = (entries: readonly Uint8Array[]): Uint8Array[] => {
  const hashes = [EMPTY_CHAIN_HASH]
  for (const [index, entry] of entries.entries()) {
    const place = { root: root.id, shard, seq: seq(index + 1) }
    hashes.push(nextChainHash(sha256, place, hashes[index] ?? EMPTY_CHAIN_HASH, sha256(entry)))
  }
  return hashes
}

const enter = async (rig: Rig, options = {}) => {
  const wire = rig.plug(options)
  await wire.enter(root, HOST)
  return wire
}

const pushed = async (wire: Wire, entries: readonly Uint8Array[], ref = 1) => {
  wire.push(shard, entries, ref)
  return wire.until('ack')
}

const nackOf = async (wire: Wire) => refusalOf(await wire.until('nack'))

/** SNAP in chunks. */
const snap = (wire: Wire, to: number, hashTo: Uint8Array, bytes: Uint8Array, ref = 9): void => {
  const count = Math.ceil(bytes.byteLength / SNAPSHOT_CHUNK_BYTES)
  for (let index = 0; index < count; index++) {
    const chunk = bytes.subarray(index * SNAPSHOT_CHUNK_BYTES, (index + 1) * SNAPSHOT_CHUNK_BYTES)
    wire.send({ type: 'snap', ch: 0, shard, ref, from: seq(1), to: seq(to), hashTo, index, count, chunk })
  }
}
const sealedSnapshot = (size = 100) => wireEntry('', { kind: ENTRY_KIND.snapshot, size })

describe('opening', () => {
  const challenge = async (wire: Wire) => {
    wire.send({ type: 'open', ch: 0, root: root.id })
    return wire.expect('challenge')
  }

  test('[RL1] OPEN is answered by a fresh challenge and the relay key, for any root', async () => {
    const rig = createRig()
    const [one, two] = [await challenge(rig.plug()), await challenge(rig.plug())]
    expect(one.challenge).not.toEqual(two.challenge)
    expect(one.relayKey).toEqual(two.relayKey)
  })

  test('[RL2] READY follows a valid AUTH and names the floor', async () => {
    expect(await createRig().plug().enter(root, HOST)).toMatchObject({ ch: 0, floor: 0 })
  })

  test('[RL3] a challenge serves once and not for longer than its lifetime', async () => {
    const rig = createRig()
    const wire = rig.plug()
    const first = await challenge(wire)
    const auth = root.auth(0, { ...first, host: HOST })
    wire.send(root.auth(0, { ...first, host: 'elsewhere' }))
    expect(await nackOf(wire)).toBe('host')
    wire.send(auth)
    expect(await nackOf(wire)).toBe('stale-challenge')
    const slow = createRig({ limits: { helloMs: 1e9 } })
    const late = slow.plug()
    const second = await challenge(late)
    slow.clock.pass(59_000)
    late.send({ type: 'open', ch: 1, root: root.id })
    const third = await late.expect('challenge')
    slow.clock.pass(2_000)
    late.send(root.auth(0, { ...second, host: HOST }))
    expect(await nackOf(late)).toBe('unknown-channel')
    late.send(root.auth(1, { ...third, host: HOST }))
    await late.expect('ready')
  })

  test('[RL4] AUTH is refused by name: host, certificate, signature, expired', async () => {
    const refusals: (string | undefined)[] = []
    const rig = createRig()
    const attempt = async (
      change: (given: { challenge: Uint8Array; relayKey: Uint8Array }) => Parameters<Wire['send']>[0]
    ) => {
      const wire = rig.plug()
      wire.send(change(await challenge(wire)))
      refusals.push(await nackOf(wire))
    }
    await attempt((given) => root.auth(0, { ...given, host: 'evil.test' }))
    await attempt((given) => root.auth(0, { ...given, host: HOST, certificate: new Uint8Array(5) }))
    await attempt((given) => root.auth(0, { ...given, host: HOST, certificate: other.certificate() }))
    const forged = root.certificate()
    forged[forged.byteLength - 1] = (forged.at(-1) ?? 0) ^ 1
    await attempt((given) => root.auth(0, { ...given, host: HOST, certificate: forged }))
    await attempt((given) => other.auth(0, { ...given, host: HOST, certificate: root.certificate() }))
    await attempt((given) => root.auth(0, { ...given, challenge: new Uint8Array(32), host: HOST }))
    await attempt((given) => root.auth(0, { ...given, relayKey: new Uint8Array(32), host: HOST }))
    await attempt((given) => root.auth(0, { ...given, host: HOST, certificate: root.certificate({ notAfter: 1 }) }))
    const [host, malformed, foreign, badSign, ...rest] = refusals
    expect([host, malformed, foreign, badSign]).toEqual(['host', 'certificate', 'certificate', 'certificate'])
    expect(rest).toEqual(['signature', 'signature', 'signature', 'expired'])
  })

  test('[RL5] a root nobody began here needs admission, a known one does not', async () => {
    const rig = createRig({ admit: (admission) => admission === 'let me in' })
    const stranger = rig.plug()
    const given = await challenge(stranger)
    stranger.send(root.auth(0, { ...given, host: HOST, admission: 'please' }))
    expect(await nackOf(stranger)).toBe('admission')
    const guest = rig.plug()
    guest.send(root.auth(0, { ...(await challenge(guest)), host: HOST, admission: 'let me in' }))
    await guest.expect('ready')
    await rig.plug().enter(root, HOST)
  })

  test('[RL6] a higher epoch raises the floor for good, a lower one is told the floor’s certificate', async () => {
    const rig = createRig()
    await rig.plug().enter(root, HOST)
    const next = root.certificate({ epoch: 3 })
    expect((await rig.plug().enter(root, HOST, 0, next)).floor).toBe(3)
    const late = rig.plug()
    late.send(root.auth(0, { ...(await challenge(late)), host: HOST }))
    const nack = await late.expect('nack')
    expect([refusalOf(nack), nack.detail]).toEqual(['epoch', next])
  })

  test('[RL7] frames before READY and on unknown channels are refused', async () => {
    const wire = createRig().plug()
    wire.push(shard, [wireEntry()])
    expect(await nackOf(wire)).toBe('unknown-channel')
    await challenge(wire)
    wire.push(shard, [wireEntry()], 5)
    expect(await wire.expect('nack')).toMatchObject({ shard, ref: 5, code: 21 })
    wire.pull(shard)
    expect(await nackOf(wire)).toBe('not-authenticated')
  })
})

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
    const [here, there] = [createRig({ bus, log }), createRig({ bus, log })]
    const [a, b] = [await enter(here), await enter(there)]
    b.pull(shard)
    await b.expect('head')
    const entry = wireEntry()
    await pushed(a, [entry])
    expect((await b.expect('entries')).items).toEqual([{ kind: 'entry', bytes: entry }])
    expect((await b.expect('head')).seq).toBe(1)
  })
})

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
  })
})

describe('erasure', () => {
  test('[RL20] ERASE needs OPEN only; ERASED carries the proof and a receipt the relay signed', async () => {
    const rig = createRig({ backupDays: 7 })
    await pushed(await enter(rig), [wireEntry()])
    const wire = rig.plug()
    wire.send({ type: 'open', ch: 4, root: root.id })
    const { relayKey } = await wire.expect('challenge')
    const request = root.erase(4)
    if (request.type !== 'erase') throw new Error('an erase frame')
    wire.send(request)
    const { proof, receipt } = await wire.expect('erased')
    expect(proof).toEqual(encodeErasureProof(request))
    const decoded = decodeEraseReceipt(receipt)
    if (!decoded.ok) throw new Error('a receipt')
    expect(decoded.value).toMatchObject({ relayKey, backupDays: 7, erasedAt: rig.clock.now() })
    const message = eraseReceiptMessage(request, decoded.value)
    expect(await verifyEd25519(relayKey, message, decoded.value.signature)).toBe(true)
    rig.clock.pass(5_000)
    wire.send(request)
    expect((await wire.expect('erased')).receipt).toEqual(receipt)
  })

  test('[RL21] a late device is told erased with the proof, at AUTH and on its open channels', async () => {
    const rig = createRig()
    const [a, b] = [await enter(rig), await enter(rig)]
    await pushed(b, [wireEntry()])
    a.send(root.erase(0))
    const { proof } = await a.expect('erased')
    const told = await b.expect('nack')
    expect([refusalOf(told), told.detail]).toEqual(['erased', proof])
    const late = rig.plug()
    late.send({ type: 'open', ch: 0, root: root.id })
    late.send(root.auth(0, { ...(await late.expect('challenge')), host: HOST }))
    const refused = await late.expect('nack')
    expect([refusalOf(refused), refused.detail]).toEqual(['erased', proof])
  })

  test('[RL22] an erased shard cannot be pushed, pulled or compacted; its root goes on', async () => {
    const rig = createRig()
    const [a, b] = [await enter(rig), await enter(rig)]
    await pushed(a, [wireEntry()])
    b.pull(shard)
    await b.until('head')
    a.send(root.erase(0, { kind: 'shard', root: root.id, shard }))
    await a.expect('erased')
    expect(await b.expect('nack')).toMatchObject({ shard, code: 9 })
    a.push(shard, [wireEntry()])
    expect(await nackOf(a)).toBe('erased')
    a.pull(shard)
    expect(await nackOf(a)).toBe('erased')
    snap(a, 1, EMPTY_CHAIN_HASH, sealedSnapshot())
    expect(await nackOf(a)).toBe('erased')
    a.push(wireShard(2), [wireEntry()])
    expect((await a.expect('ack')).seqs).toEqual([1])
  })

  test('[RL23] an ERASE that is not the root’s own is refused and erases nothing', async () => {
    const rig = createRig()
    const wire = await enter(rig)
    await pushed(wire, [wireEntry()])
    const own = root.erase(0)
    if (own.type !== 'erase') throw new Error('an erase frame')
    const refusals: (string | undefined)[] = []
    for (const bad of [
      { ...own, signature: new Uint8Array(64) },
      { ...own, rootKey: other.rootKey },
      { ...own, scope: { kind: 'shard', root: root.id, shard } as const },
      other.erase(0),
      { ...own, ch: 8 }
    ]) {
      wire.send(bad)
      refusals.push(await nackOf(wire))
    }
    expect(refusals).toEqual(['signature', 'certificate', 'signature', 'not-permitted', 'unknown-channel'])
    wire.pull(shard)
    await wire.expect('entries')
  })
})

describe('limits', () => {
  test('[RL24] too many channels, shards and connections are refused', async () => {
    const rig = createRig({ limits: { channels: 2, shardsPerChannel: 1, connectionsPerAddress: 2 } })
    const wire = await enter(rig)
    wire.send({ type: 'open', ch: 1, root: other.id })
    await wire.expect('challenge')
    wire.send({ type: 'open', ch: 2, root: other.id })
    expect(await nackOf(wire)).toBe('too-many-channels')
    wire.send({ type: 'close', ch: 1 })
    wire.send({ type: 'open', ch: 2, root: other.id })
    await wire.expect('challenge')
    wire.pull(shard)
    await wire.expect('head')
    wire.pull(wireShard(2))
    expect(await nackOf(wire)).toBe('too-many-channels')
    rig.plug()
    expect(await rig.plug().closed).toBe(CLOSE.rate)
    await rig.plug({ address: 'elsewhere' }).enter(root, HOST)
  })

  test('[RL25] a rate is answered with the time to wait; who does not slow down is closed', async () => {
    const limits = { frames: { perSecond: 1, burst: 5 }, refusals: { perSecond: 1, burst: 3 } }
    const rig = createRig({ limits })
    const wire = await enter(rig)
    for (let sent = 0; sent < 3; sent++) wire.pull(shard)
    wire.pull(shard)
    const nack = await wire.until('nack')
    expect([refusalOf(nack), nack.retryAfterMs]).toEqual(['rate', 1_000])
    rig.clock.pass(1_000)
    wire.pull(shard)
    await wire.until('head')
    for (let sent = 0; sent < 6; sent++) wire.pull(shard)
    expect(await wire.closed).toBe(CLOSE.rate)
  })

  test('[RL26] bytes to one root are metered over all its sockets, without harm to other roots', async () => {
    const rig = createRig({ limits: { rootBytes: { perSecond: 100, burst: 1_000 } } })
    const [a, b, c] = [await enter(rig), await enter(rig), rig.plug()]
    await c.enter(other, HOST)
    await pushed(a, [wireEntry('', { size: 900 })])
    b.push(shard, [wireEntry('', { size: 300 })])
    expect(await nackOf(b)).toBe('rate')
    await pushed(c, [wireEntry('', { size: 900 })])
  })

  test('[RL27] roots begun from one address are metered', async () => {
    const rig = createRig({ limits: { newRoots: { perSecond: 1, burst: 1 } } })
    await enter(rig)
    await expect(rig.plug().enter(other, HOST)).rejects.toThrow('rate')
    await rig.plug({ address: 'elsewhere' }).enter(other, HOST)
  })

  test('[RL28] a relay behind with its work says PAUSE and refuses what is new', async () => {
    let behind = true
    const wire = await enter(createRig({ isOverloaded: () => behind }))
    wire.push(shard, [wireEntry()])
    expect(await nackOf(wire)).toBe('paused')
    expect((await wire.expect('pause')).ms).toBeGreaterThanOrEqual(1_000)
    behind = false
    await pushed(wire, [wireEntry()], 2)
  })

  test('[RL29] the commit queue is bounded', async () => {
    const log = createMemoryLog({ disk: createMemoryDisk(), ledger: [], sha256, now: () => 0, rootBytes: 1e9 })
    const append: typeof log.append = () => new Promise(() => {})
    const wire = await enter(createRig({ log: { ...log, append }, limits: { queueBytes: 500 } }))
    for (let ref = 0; ref < 5; ref++) wire.push(shard, [wireEntry('', { size: 200 })], ref)
    const nack = await wire.expect('nack')
    expect([refusalOf(nack), nack.ref]).toEqual(['paused', 3])
  })

  test('[RL30] a silent, a stuck and a malformed socket are closed, each with its code', async () => {
    const rig = createRig({ limits: { bufferBytes: 100, hardBufferBytes: 1_000, connectionsPerAddress: 9 } })
    const [silent, stuck, greedy, noisy] = [rig.plug(), await enter(rig), await enter(rig), rig.plug()]
    noisy.sendRaw(new Uint8Array([99, 1, 2]))
    expect(await noisy.closed).toBe(CLOSE.malformed)
    stuck.stall()
    for (let sent = 0; sent < 20; sent++) stuck.send({ type: 'time', t0: sent })
    greedy.stall()
    for (let sent = 0; sent < 200; sent++) greedy.send({ type: 'time', t0: sent })
    expect(await greedy.closed).toBe(CLOSE.slow)
    for (let second = 0; second < 62; second++) rig.clock.pass(1_000)
    expect(await silent.closed).toBe(CLOSE.slow)
    expect(await stuck.closed).toBe(CLOSE.slow)
  })

  test('[RL31] a full root, a full relay and a failing store are told apart; nobody else is harmed', async () => {
    const full = await enter(createRig({ rootBytes: 300 }))
    full.push(shard, [wireEntry('', { size: 400 })])
    expect(await nackOf(full)).toBe('root-full')
    const log = createMemoryLog({
      disk: createMemoryDisk(),
      ledger: [],
      sha256,
      now: () => 0,
      rootBytes: 1e9,
      relayBytes: () => 300
    })
    const rig = createRig({ log })
    const wire = await enter(rig)
    wire.push(shard, [wireEntry('', { size: 400 })])
    expect(await nackOf(wire)).toBe('relay-full')
    await pushed(wire, [wireEntry()], 2)
    const broken = createRig({ log: { ...log, append: () => Promise.reject(new Error('EIO')) } })
    const victim = await enter(broken)
    victim.push(shard, [wireEntry()])
    expect(await nackOf(victim)).toBe('store')
  })
})

describe('the rest', () => {
  test('[RL32] presence reaches the others of a shard in one batch, the newest of each, and is not stored', async () => {
    const rig = createRig()
    const [a, b, c] = [await enter(rig), await enter(rig), await enter(rig)]
    for (const wire of [a, b, c]) {
      wire.pull(shard)
      await wire.expect('head')
    }
    a.send({ type: 'ephemeral', ch: 0, shard, frame: new Uint8Array([1]) })
    a.send({ type: 'ephemeral', ch: 0, shard, frame: new Uint8Array([2]) })
    b.send({ type: 'ephemeral', ch: 0, shard, frame: new Uint8Array([3]) })
    rig.clock.pass(50)
    expect((await c.expect('ephemeral')).frames).toEqual([new Uint8Array([2]), new Uint8Array([3])])
    expect((await a.expect('ephemeral')).frames).toEqual([new Uint8Array([3])])
    expect((await rig.log.head({ root: root.id, shard })).ok).toBe(true)
    a.pull(shard)
    expect((await a.expect('head')).seq).toBe(0)
  })

  test('[RL33] TIME is answered at once with the relay’s clock', async () => {
    const rig = createRig()
    const wire = rig.plug()
    wire.send({ type: 'time', t0: 42 })
    expect(await wire.expect('time')).toEqual({ type: 'time', t0: 42, t1: rig.clock.now(), t2: rig.clock.now() })
  })

  test('[RL34] ROTATE is refused as unsupported', async () => {
    const wire = await enter(createRig())
    wire.send({ type: 'rotate', ch: 0, ref: 3, entries: [], certificate: new Uint8Array() })
    const nack = await wire.expect('nack')
    expect([refusalOf(nack), nack.ref]).toEqual(['unsupported', 3])
  })

  test('[RL35] a relay that leaves says GOAWAY, finishes what it took, and closes', async () => {
    const rig = createRig()
    const wire = await enter(rig)
    wire.push(shard, [wireEntry()], 6)
    const gone = rig.relay.drain(1_000)
    const frames = [await wire.next(), await wire.next()]
    expect(frames.map((frame) => frame.type).sort()).toEqual(['ack', 'goaway'])
    await gone
    expect(await wire.closed).toBe(CLOSE.goingAway)
    expect(await rig.plug().closed).toBe(CLOSE.goingAway)
  })

  test('[RL36] CLOSE ends a channel and its subscriptions', async () => {
    const rig = createRig()
    const [a, b] = [await enter(rig), await enter(rig)]
    b.pull(shard)
    await b.expect('head')
    b.send({ type: 'close', ch: 0 })
    await pushed(a, [wireEntry()])
    await rig.settle()
    expect(b.waiting()).toEqual([])
    b.pull(shard)
    expect(await nackOf(b)).toBe('unknown-channel')
  })
})
