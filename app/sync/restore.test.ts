import { expect, test } from 'vitest'
import { createHouse, type TestDevice } from './devices.fixture.ts'
import { KEYRING } from './notebook.fixture.ts'
import { RELAY } from './relay.fixture.ts'
import { meanwhile, wire } from './wired.fixture.ts'

const wordsOf = async (device: TestDevice): Promise<readonly string[]> => {
  const words = await device.vault.phrase()
  if (!words.ok) throw new Error('no phrase')
  return words.value
}

test('[DV20] a phrase meets a device with practices: they come along, and the former root is erased', async () => {
  const house = createHouse(3)
  const alice = await house.device('alice')
  await alice.write('year', '2026', KEYRING)
  await alice.write('one', 'at home')
  await house.pass(20_000)
  const bob = await house.device('bob', { stranger: true, start: false })
  const bobs = wire(bob)
  await bob.write('two', 'on the road')
  await house.pass(20_000)
  expect(house.relay.disk.roots.size).toBe(2)
  const words = await wordsOf(alice)
  expect(await meanwhile(house, bobs.restore.look(words, RELAY))).toEqual({ kind: 'found' })
  const steps: string[] = []
  const adopted = await meanwhile(
    house,
    bobs.restore.adopt(words, RELAY, 'bring', (step) => steps.push(step))
  )
  expect(adopted).toEqual({ ok: true, value: undefined })
  expect(steps).toEqual(['reading', 'opening', 'copying', 'acknowledging', 'erasing-old', 'done'])
  await house.pass(20_000)
  expect(await bob.read()).toEqual({ one: 'at home', two: 'on the road' })
  expect(await alice.read()).toEqual({ one: 'at home', two: 'on the road' })
  expect(house.relay.disk.erasures.size).toBe(1)
  expect(bobs.restore.unfinished.get()).toBe(null)
  expect(await meanwhile(house, bobs.restore.look(words, RELAY))).toEqual({ kind: 'already-this-phrase' })
})

test('[DV21] not reached is told from nothing there', async () => {
  const house = createHouse(4)
  const alice = await house.device('alice', { start: false })
  const bob = await house.device('bob', { start: false, stranger: true })
  const bobs = wire(bob)
  const words = await wordsOf(alice)
  expect(await meanwhile(house, bobs.restore.look(words, RELAY))).toEqual({ kind: 'nothing-under-this-phrase' })
  bob.setOnline(false)
  expect(await meanwhile(house, bobs.restore.look(words, RELAY))).toEqual({ kind: 'relay-not-reached' })
  expect(await bobs.restore.look(words, 'two words.example')).toEqual({ kind: 'malformed-address' })
  expect(await bobs.restore.look(words, 'http://plain.example')).toEqual({ kind: 'not-allowed-by-page' })
  expect(
    await meanwhile(
      house,
      bobs.restore.adopt(words, RELAY, 'bring', () => {})
    )
  ).toEqual({
    ok: false,
    error: 'relay-not-reached'
  })
  expect((await bob.vault.current()).ok).toBe(true)
})

test('[DV22] taking over goes on after a crash at any step, and loses nothing', async () => {
  // Each durable write of the taking-over is the last one once.
  for (let crashAt = 1; crashAt < 30; crashAt++) {
    const house = createHouse(crashAt)
    const alice = await house.device('alice')
    await alice.write('year', '2026', KEYRING)
    await alice.write('one', 'at home')
    await house.pass(20_000)
    const bob = await house.device('bob', { stranger: true, start: false })
    await bob.write('two', 'on the road')
    const first = wire(bob, { report: () => {} })
    await house.pass(20_000)
    const words = await wordsOf(alice)
    let writes = 0
    bob.setFate((mode) => (mode !== 'read' && ++writes === crashAt ? 'crash-after' : 'proceed'))
    void first.restore.adopt(words, RELAY, 'bring', () => {})
    await house.pass(90_000)
    bob.cut()
    void first.close()
    const again = await house.device('bob', { database: bob.database, start: false })
    const second = wire(again)
    await house.pass(90_000)
    if (second.restore.unfinished.get() !== null) await house.pass(90_000)
    expect(second.restore.unfinished.get()).toBe(null)
    const roots = [await alice.vault.current(), await again.vault.current()].map((each) => each.ok && each.value.root)
    if (roots[0] !== roots[1]) {
      // It had not begun: the person says the words again.
      expect(await again.read()).toEqual({ two: 'on the road' })
      await meanwhile(
        house,
        second.restore.adopt(words, RELAY, 'bring', () => {})
      )
    }
    await house.pass(30_000)
    expect(await again.read(), `crash at write ${crashAt}`).toEqual({ one: 'at home', two: 'on the road' })
    expect(await alice.read(), `crash at write ${crashAt}`).toEqual({ one: 'at home', two: 'on the road' })
    if (writes < crashAt) return
  }
})

test('[DV23] practices that are let go are gone here and at the relay, and the phrase journal arrives', async () => {
  const house = createHouse(5)
  const alice = await house.device('alice')
  await alice.write('year', '2026', KEYRING)
  await alice.write('one', 'at home')
  await house.pass(20_000)
  const bob = await house.device('bob', { stranger: true, start: false })
  const bobs = wire(bob)
  await bob.write('two', 'let go of')
  await house.pass(20_000)
  const words = await wordsOf(alice)
  const adopted = await meanwhile(
    house,
    bobs.restore.adopt(words, RELAY, 'discard', () => {})
  )
  expect(adopted).toEqual({ ok: true, value: undefined })
  expect(bobs.forgotten.times).toBe(1)
  await bobs.close()
  const again = await house.device('bob', { database: bob.database, start: false })
  const second = wire(again)
  await house.pass(60_000)
  expect(await again.read()).toEqual({ one: 'at home' })
  expect(await alice.read()).toEqual({ one: 'at home' })
  expect(second.restore.unfinished.get()).toBe(null)
  expect(house.relay.disk.erasures.size).toBe(1)
})
