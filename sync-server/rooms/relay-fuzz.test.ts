import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeOuter } from '#core/entry.ts'
import { encodeDeviceFrame } from '#core/frame-codec-device.ts'
import type { DeviceFrame } from '#core/frames.ts'
import { seq } from '#core/ids.ts'
import { createRig, HOST } from '#testing/wire/relay-rig.ts'
import { wireEntry, wireRoot, wireShard } from '#testing/wire/root.ts'

/** Anybody may send anything: no crash, no growth, nobody else disturbed. */

const victim = wireRoot('victim')
const attacker = wireRoot('attacker')

const shard = fc.nat(3).map(wireShard)
const ch = fc.nat(3)
const small = fc.nat(5)
const hash = fc.uint8Array({ minLength: 16, maxLength: 16 })
const entry = fc.oneof(
  fc.constant(wireEntry('fixed')),
  fc.nat(9).map((kind) => wireEntry('', { kind })),
  fc.uint8Array({ maxLength: 60 })
)
const root = fc.constantFrom(victim.id, attacker.id)

const frame: fc.Arbitrary<DeviceFrame> = fc.oneof(
  fc.record({ type: fc.constant('open' as const), ch, root }),
  fc.record({
    type: fc.constant('auth' as const),
    ch,
    certificate: fc.oneof(fc.constant(attacker.certificate()), fc.uint8Array({ maxLength: 20 })),
    signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
    host: fc.constantFrom(HOST, 'x'),
    admission: fc.string({ maxLength: 5 })
  }),
  fc.record({ type: fc.constant('pull' as const), ch, shard, after: small.map(seq), hashAfter: hash }),
  fc.record({ type: fc.constant('push' as const), ch, shard, ref: small, entries: fc.array(entry, { maxLength: 4 }) }),
  fc
    .record({ ch, shard, ref: small, index: fc.nat(2), hashTo: hash, chunk: fc.uint8Array({ maxLength: 80 }) })
    .map((fields) => ({ type: 'snap' as const, ...fields, from: seq(1), to: seq(2), count: 3 })),
  fc.record({ type: fc.constant('ephemeral' as const), ch, shard, frame: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({
    type: fc.constant('erase' as const),
    ch,
    scope: fc.record({ kind: fc.constant('root' as const), root }),
    rootKey: fc.constantFrom(victim.rootKey, attacker.rootKey),
    signature: fc.uint8Array({ minLength: 64, maxLength: 64 })
  }),
  fc.record({
    type: fc.constant('rotate' as const),
    ch,
    ref: small,
    entries: fc.constant([]),
    certificate: fc.uint8Array({ maxLength: 9 })
  }),
  fc.record({ type: fc.constant('close' as const), ch }),
  fc.record({ type: fc.constant('time' as const), t0: small })
)

const bytes = fc.oneof(
  { weight: 6, arbitrary: frame.map(encodeDeviceFrame) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  // A whole frame with one byte changed or its end cut off.
  {
    weight: 2,
    arbitrary: fc.tuple(frame.map(encodeDeviceFrame), fc.nat(), fc.nat(255)).map(([whole, at, value]) => {
      const bent = whole.slice()
      bent[at % bent.byteLength] = value
      return value < 128 ? bent : bent.subarray(0, at % bent.byteLength)
    })
  }
)

test('[RL38] whatever one socket sends, the others and their roots are as before', async () => {
  let answered = 0
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 40 }), fc.boolean(), async (list, known) => {
      const rig = createRig({ limits: { refusals: { perSecond: 1, burst: 1_000 } } })
      const bystander = rig.plug()
      await bystander.enter(victim, HOST)
      bystander.push(wireShard(1), [wireEntry()])
      const { seqs, hash: head } = await bystander.expect('ack')
      bystander.pull(wireShard(1), { seq: 1, hash: head })
      await bystander.expect('head')
      const hostile = rig.plug({ address: 'hostile' })
      if (known) await hostile.enter(attacker, HOST)
      for (const each of list) hostile.sendRaw(each)
      await rig.settle()
      answered += hostile.waiting().length
      rig.clock.pass(1_000)
      await rig.settle()
      expect(bystander.waiting()).toEqual([])
      expect(rig.news.filter((news) => news.kind === 'failed')).toEqual([])
      const stored = await rig.log.head({ root: victim.id, shard: wireShard(1) })
      expect(stored).toMatchObject({ ok: true, value: { seq: seqs[0], hash: head } })
      bystander.push(wireShard(1), [wireEntry()], 2)
      expect((await bystander.expect('ack')).seqs).toEqual([2])
    }),
    { numRuns: 150 }
  )
  // The frames were not all thrown away at the door.
  expect(answered).toBeGreaterThan(100)
})

test('[RL37] a deflate bomb is ciphertext: stored by its sealed size, never inflated', async () => {
  const rig = createRig()
  const wire = rig.plug()
  await wire.enter(attacker, HOST)
  const zeros = deflateRawSync(new Uint8Array(30_000_000))
  const bomb = encodeOuter({ version: 1, suite: 1, kind: 1, epoch: 0, nonce: new Uint8Array(12), ciphertext: zeros })
  wire.push(wireShard(1), [bomb])
  expect((await wire.expect('ack')).seqs).toEqual([1])
  wire.pull(wireShard(1))
  expect((await wire.expect('entries')).items).toEqual([{ kind: 'entry', bytes: bomb }])
})

test('[RL38] ten thousand opens leave at most the allowed channels, and end in a close', async () => {
  const rig = createRig()
  const wire = rig.plug()
  for (let opens = 0; opens < 10_000; opens++) wire.send({ type: 'open', ch: opens, root: attacker.id })
  expect(await wire.closed).toBe(4429)
  expect(wire.waiting().filter((each) => each.type === 'challenge').length).toBe(64)
})
