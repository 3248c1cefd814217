import { expect, test } from 'vitest'
import { encodeErasureProof } from '#core/certificate.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { encodeRelayMessage } from '#server/protocol/relay-messages.ts'
import type { Bus, EntryLog } from '#server/rooms/ports.ts'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createMemoryLog } from '#server/storage/memory/memory-log.ts'
import { enter, nackOf, pushed, root, shard } from '#testing/wire/relay-scene.ts'
import { sha256, wireEntry, wireShard } from '#testing/wire/root.ts'
import { refusalOf } from '#testing/wire/wire.ts'
import { deafBus, openLog, pass, relays } from './relays-rig.fixture.ts'

test('[MR1] an entry taken at one relay reaches those at another: by a hint, and without a bus by a poll', async () => {
  for (const bus of [createMemoryBus(), deafBus]) {
    const rigs = relays({ bus, count: 2 })
    const [here, there] = rigs
    const [a, b] = [await enter(here), await enter(there)]
    b.pull(shard)
    await b.expect('head')
    const entry = wireEntry()
    await pushed(a, [entry])
    if (bus === deafBus) {
      await here.settle()
      expect(b.waiting()).toEqual([])
      await pass(rigs, 2_000)
    }
    expect((await b.expect('entries')).items).toEqual([{ kind: 'entry', bytes: entry }])
  }
})

test('[MR1] what others took is read once for all who listen, in one order with what is taken here', async () => {
  const inner = openLog()
  let readings = 0
  const log: EntryLog = {
    ...inner,
    readAfter(...given) {
      readings++
      return inner.readAfter(...given)
    }
  }
  const [here, there] = relays({ log, count: 2 })
  const [a, b] = [await enter(here), await enter(there)]
  const listeners = await Promise.all(Array.from({ length: 20 }, () => enter(there)))
  for (const wire of listeners) {
    wire.pull(shard)
    await wire.expect('head')
  }
  const before = readings
  for (let ref = 1; ref <= 5; ref++) {
    await pushed(a, [wireEntry()], ref)
    await there.settle()
  }
  expect(readings - before).toBe(5)
  const seqs = (wire: (typeof listeners)[0]): number[] =>
    wire.waiting().flatMap((frame) => (frame.type === 'entries' ? frame.items.map((_, i) => frame.from + i) : []))
  for (const wire of listeners) expect(seqs(wire)).toEqual([1, 2, 3, 4, 5])
  // Both take entries at the same moment.
  for (let ref = 6; ref <= 20; ref++) {
    const both = [pushed(a, [wireEntry()], ref), pushed(b, [wireEntry()], ref)]
    await Promise.all(both)
  }
  await there.settle()
  for (const wire of listeners) expect(seqs(wire)).toEqual(Array.from({ length: 35 }, (_, i) => i + 1))
  expect(readings - before).toBeLessThan(60)
})

test('[MR10] a relay that leaves or falls silent takes its listeners out of the count', async () => {
  for (const leaves of [true, false]) {
    const rigs = relays({ count: 2 })
    const [here, there] = rigs
    const a = await enter(here)
    a.pull(shard)
    await a.expect('head')
    await pass(rigs, 1_000)
    const peersAt = async (): Promise<number> => {
      const b = await enter(there)
      b.pull(wireShard(9))
      b.pull(shard)
      await b.until('head')
      const { peers } = await b.until('head')
      b.close()
      return peers
    }
    const keeper = await enter(there)
    keeper.pull(shard)
    await keeper.until('head')
    await pass(rigs, 1_000)
    expect(await peersAt()).toBe(2)
    if (leaves) void here.relay.drain(0)
    else here.relay.halt()
    await there.settle()
    await pass([there], leaves ? 1_000 : 50_000)
    expect(await peersAt()).toBe(1)
  }
})

test('[MR14] ephemeral frames cross: one message a tick, the newest of each sender, and nothing comes back', async () => {
  const inner = createMemoryBus()
  const topics: string[] = []
  const bus: Bus = {
    ...inner,
    publish(topic, message) {
      topics.push(`${topic} ${message[0]}`)
      inner.publish(topic, message)
    }
  }
  const rigs = relays({ bus, count: 3 })
  const [here, there, third] = rigs
  const [a, a2, b, c] = [await enter(here), await enter(here), await enter(there), await enter(third)]
  for (const wire of [a, a2, b, c]) {
    wire.pull(shard)
    await wire.until('head')
  }
  await pass(rigs, 1_000)
  topics.length = 0
  const frame = (text: string) => wireEntry(text, { kind: 7 })
  const [old, newest, fromOther] = [frame('old'), frame('newest'), frame('from the other')]
  a.send({ type: 'ephemeral', ch: 0, shard, frame: old })
  a.send({ type: 'ephemeral', ch: 0, shard, frame: newest })
  a2.send({ type: 'ephemeral', ch: 0, shard, frame: fromOther })
  await here.settle()
  await pass(rigs, 100)
  await pass(rigs, 100)
  expect((await b.until('ephemeral')).frames).toEqual([newest, fromOther])
  expect((await c.until('ephemeral')).frames).toEqual([newest, fromOther])
  expect((await a.until('ephemeral')).frames).toEqual([fromOther])
  await pass(rigs, 5_000)
  for (const wire of [a, a2, b, c])
    expect(wire.waiting().filter(({ type }) => type === 'ephemeral').length).toBe(wire === a2 ? 1 : 0)
  expect(topics.filter((each) => each.endsWith(' 4')).length).toBe(1)
})

test('[MR15] HEAD counts those at other relays, and comes again where they answer after it', async () => {
  const rigs = relays({ count: 2 })
  const [here, there] = rigs
  const a = await enter(here)
  a.pull(shard)
  expect((await a.expect('head')).peers).toBe(0)
  await pass(rigs, 1_000)
  const b = await enter(there)
  b.pull(shard)
  expect((await b.expect('head')).peers).toBe(0)
  await pass(rigs, 1_000)
  expect((await b.expect('head')).peers).toBe(1)
  const c = await enter(there)
  c.pull(shard)
  expect((await c.expect('head')).peers).toBe(2)
})

test('[MR16] an erasure at one relay is told at all others, and a message alone erases nothing', async () => {
  const bus = createMemoryBus()
  const [here, there] = relays({ bus })
  const [a, b] = [await enter(here), await enter(there)]
  await pushed(a, [wireEntry()])
  const lie = root.erase(0)
  if (lie.type !== 'erase') throw new Error('an erase frame')
  const proof = encodeErasureProof(lie)
  bus.publish('sealed erasures', encodeRelayMessage(new Uint8Array(8).fill(99), { kind: 'erased', proof }))
  await there.settle()
  expect(b.waiting()).toEqual([])
  a.send(root.erase(0))
  const told = await b.expect('nack')
  expect([refusalOf(told), told.detail]).toEqual(['erased', (await a.until('erased')).proof])
})

test('[MR16] without a bus, those who follow what was erased elsewhere are told by the next poll', async () => {
  const rigs = relays({ bus: deafBus, count: 2 })
  const [here, there] = rigs
  const [a, b] = [await enter(here), await enter(there)]
  await pushed(a, [wireEntry()])
  b.pull(shard)
  await b.until('head')
  a.send(root.erase(0, { kind: 'shard', root: root.id, shard }))
  await a.until('erased')
  await pass(rigs, 2_000)
  expect(await nackOf(b)).toBe('erased')
  b.push(wireShard(2), [wireEntry()])
  expect((await b.until('ack')).seqs).toEqual([1])
})

test('[MR17] a floor raised at one relay refuses the older certificate at every other', async () => {
  const [here, there] = relays()
  const [a, b] = [await enter(here), await enter(there)]
  await pushed(b, [wireEntry()])
  const next = there.plug()
  await next.enter(root, 'relay.test', 0, root.certificate({ epoch: 1 }))
  a.push(shard, [wireEntry()])
  expect(await nackOf(a)).toBe('epoch')
  const late = here.plug()
  late.send({ type: 'open', ch: 0, root: root.id })
  const { challenge, relayKey } = await late.expect('challenge')
  late.send(root.auth(0, { challenge, relayKey, host: 'relay.test' }))
  expect(await nackOf(late)).toBe('epoch')
})

test('[MR18] each relay counts rates for itself, and the store counts bytes for all', async () => {
  const [here, there] = relays({
    limits: { rootBytes: { perSecond: 1, burst: 3_000 } },
    log: createMemoryLog({ disk: createMemoryDisk(), ledger: [], sha256, now: () => 0, rootBytes: 4_500 })
  })
  const [a, b] = [await enter(here), await enter(there)]
  const large = (text: string) => wireEntry(text, { size: 2_000 })
  await pushed(a, [large('one')])
  a.push(shard, [large('two')], 2)
  expect(await nackOf(a)).toBe('rate')
  await pushed(b, [large('three')], 3)
  const c = await enter(here)
  c.push(wireShard(3), [wireEntry('small', { size: 900 })], 4)
  expect(await nackOf(c)).toBe('root-full')
})
