import { expect, test } from 'vitest'
import type { UpdateLog } from '#server/rooms/open-ports.ts'
import { CALM_BUS } from '#testing/bus.ts'
import { createRandom } from '#testing/random.ts'
import { openRig } from './open-rig.fixture.ts'
import { aliceAndBob, relaysRig } from './relays-rig.fixture.ts'

test('[MR1] what one relay takes the others show, with a bus within a moment and without one within a poll', async () => {
  for (const hasBus of [true, false]) {
    const { alice, bob, run } = await aliceAndBob({ hasBus })
    alice.write('hello')
    await run(hasBus ? 50 : 1_600)
    expect(bob.text()).toBe('hello')
    bob.write(' world')
    await run(hasBus ? 50 : 1_600)
    expect([alice.text(), bob.text()]).toEqual(['hello world', 'hello world'])
  }
})

test('[MR2] a hint brings small rows along: nobody has to read them', async () => {
  const { alice, bob, run, readings } = await aliceAndBob()
  const before = readings()
  for (let i = 0; i < 20; i++) {
    alice.write(`${i} `)
    await run(20)
  }
  expect(bob.text()).toBe(alice.text())
  expect(readings()).toBe(before)
  alice.write('x'.repeat(10_000))
  await run(50)
  expect(bob.text()).toBe(alice.text())
  expect(readings()).toBeGreaterThan(before)
})

test('[MR3] messages lost, doubled, late and out of order cost time and nothing else', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { relays, run, setWeather } = relaysRig({ relays: 3, seed })
    setWeather({ delayMs: { from: 0, to: 3_000 }, loseChance: 0.3, doubleChance: 0.3 })
    const clients = relays.flatMap((rig) => [rig.client('room'), rig.client('room')])
    const random = createRandom(seed)
    await run(500)
    for (let i = 0; i < 60; i++) {
      random.pick(clients).write(`${i} `)
      await run(random.between(0, 40))
    }
    // Nothing more is said, so what was lost is found by asking the store.
    await run(14_000)
    const texts = new Set(clients.map((client) => client.text()))
    expect([...texts].length, `seed ${seed}`).toBe(1)
    for (let i = 0; i < 60; i++) expect([...texts][0]).toContain(`${i} `)
  }
})

test('[MR4] one question asks for all rooms, seldom while the bus hears, and none where the store is not shared', async () => {
  const asked = async (hears: boolean, seconds: number): Promise<number> => {
    const rig = relaysRig({ relays: 1, hears })
    for (let i = 0; i < 30; i++) rig.one.client(`room ${i}`)
    await rig.run(200)
    const before = rig.asked()
    await rig.run(seconds * 1_000)
    return rig.asked() - before
  }
  const silent = await asked(false, 60)
  expect(silent).toBeGreaterThanOrEqual(40)
  expect(silent).toBeLessThanOrEqual(90)
  const hearing = await asked(true, 60)
  expect(hearing).toBeGreaterThanOrEqual(4)
  expect(hearing).toBeLessThanOrEqual(9)

  let alone = 0
  const rig = openRig()
  const log: UpdateLog = {
    ...rig.log,
    heads(rooms) {
      alone++
      return rig.log.heads(rooms)
    }
  }
  const single = openRig({ log, scheduler: rig.scheduler })
  single.client('room').write('x')
  await single.run(30_000)
  expect(alone).toBe(0)
})

test('[MR4] relays that were started together do not ask together', async () => {
  const askedAt: number[][] = [[], []]
  const rig = relaysRig({
    hears: false,
    log: (log, relay) => ({
      ...log,
      heads(rooms) {
        askedAt[relay]?.push(rig.scheduler.now())
        return log.heads(rooms)
      }
    })
  })
  for (const relay of rig.relays) relay.client('room')
  await rig.run(60_000)
  for (const times of askedAt) {
    // The first are those of who came.
    const waits = times.slice(2).map((at, i) => at - (times[i + 1] ?? 0))
    expect(waits.every((ms) => ms >= 740 && ms <= 1_260)).toBe(true)
    expect(new Set(waits).size).toBeGreaterThan(10)
  }
  const [ofOne, ofTwo] = askedAt.map((times) => new Set(times))
  const together = [...(ofOne ?? [])].filter((at) => ofTwo?.has(at))
  expect(together.length).toBeLessThan(10)
})

test('[MR4] nobody here, no question', async () => {
  const { one, run, asked } = relaysRig({ relays: 1, hears: false })
  const alice = one.client('room')
  await run(3_000)
  alice.leave()
  await run(3_000)
  const before = asked()
  await run(60_000)
  expect(asked()).toBe(before)
})

test('[MR4] a gap on the bus is a reason to ask at once', async () => {
  const { two, alice, bob, run } = await aliceAndBob()
  two.bus.cut()
  alice.write('while you were away')
  await run(20)
  expect(bob.text()).toBe('')
  two.bus.heal()
  await run(50)
  expect(bob.text()).toBe('while you were away')
})

test('[MR4] a relay that was cut off says where it stands once it is back: the others had no gap', async () => {
  const { one, alice, bob, run } = await aliceAndBob()
  one.bus.cut()
  alice.write('while I was away')
  await run(100)
  expect(bob.text()).toBe('')
  one.bus.heal()
  await run(100)
  expect(bob.text()).toBe('while I was away')
})

test('[MR4] a relay that alone is cut off from the bus is soon listened for: its first edit waits for a poll, the next ones do not', async () => {
  const { one, alice, bob, run, asked } = await aliceAndBob()
  one.bus.cut()
  alice.write('first')
  await run(13_000)
  expect(bob.text()).toBe('first')
  for (let i = 0; i < 5; i++) {
    alice.write(` ${i}`)
    await run(2_600)
    expect(bob.text()).toBe(alice.text())
    await run(20_000)
  }
  one.bus.heal()
  // Nobody is missed any more.
  await run(70_000)
  const before = asked()
  alice.write(' back')
  await run(60_000)
  expect(bob.text()).toBe(alice.text())
  expect(asked() - before).toBeLessThanOrEqual(2 * 9)
})

test('[MR4] a poll that is ahead of a hint is no reason to ask more often', async () => {
  const rig: Awaited<ReturnType<typeof aliceAndBob>> = await aliceAndBob({
    log: (log, relay) => ({
      ...log,
      async append(batch) {
        const answers = await log.append(batch)
        // It is there for all to read, and its relay does not know yet.
        if (relay === 0) await new Promise<void>((resolve) => rig.scheduler.after(400, '', resolve))
        return answers
      }
    })
  })
  const { alice, bob, run, asked } = rig
  const before = asked()
  for (let i = 0; i < 300; i++) {
    alice.write(`${i} `)
    await run(400)
  }
  expect(bob.text().length).toBeGreaterThan(1_000)
  // Both relays, two minutes.
  expect(asked() - before).toBeLessThanOrEqual(2 * 18)
})

test('[MR5] an answer holds all that was durable when it was asked for, whatever the bus lost', async () => {
  const { one, two, run, setWeather } = relaysRig()
  const keeper = two.client('room')
  const alice = one.client('room')
  await run(200)
  setWeather({ ...CALM_BUS, loseChance: 1 })
  alice.write('shown at the one relay')
  await run(20)
  expect(keeper.text()).toBe('')
  const late = two.client('room')
  await run(10)
  expect([late.synced, late.text()]).toEqual([1, 'shown at the one relay'])
  expect(keeper.text()).toBe('shown at the one relay')
})

test('[MR5] those who ask at the same time share a question', async () => {
  const { two, run, asked } = relaysRig()
  two.client('room')
  await run(200)
  const before = asked()
  const clients = Array.from({ length: 50 }, (_, i) => two.client(`room ${i % 5}`))
  await run(20)
  expect(clients.every(({ synced }) => synced === 1)).toBe(true)
  expect(asked() - before).toBeLessThanOrEqual(5)
})

test('[MR5] where the store does not say, nobody is told to be synced', async () => {
  let fails = false
  const { one, run } = relaysRig({
    log: (log) => ({
      ...log,
      heads: async (rooms) => (fails ? { ok: false, error: { kind: 'store', reason: 'away' } } : log.heads(rooms))
    })
  })
  one.client('room')
  await run(200)
  fails = true
  const late = one.client('room')
  await run(50)
  expect([late.synced, late.socket.closedWith]).toEqual([0, 4503])
})
