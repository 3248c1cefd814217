import { describe, expect, test } from 'vitest'
import { CLOSE } from '#core/close-codes.ts'
import { createRig } from '#testing/wire/relay-rig.ts'
import { enter, nackOf, pushed, root, shard } from '#testing/wire/relay-scene.ts'
import { wireEntry } from '#testing/wire/root.ts'
import { refusalOf } from '#testing/wire/wire.ts'

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
