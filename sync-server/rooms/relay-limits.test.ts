import { describe, expect, test } from 'vitest'
import { CLOSE } from '#core/close-codes.ts'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createMemoryLog } from '#server/storage/memory/memory-log.ts'
import { createRig, HOST } from '#testing/wire/relay-rig.ts'
import { enter, nackOf, other, pushed, root, shard } from '#testing/wire/relay-scene.ts'
import { sha256, wireEntry, wireShard } from '#testing/wire/root.ts'
import { refusalOf } from '#testing/wire/wire.ts'

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
