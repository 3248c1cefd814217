import { expect, test } from 'vitest'
import type { PatternId } from '#app/domain/breath/pattern.ts'
import { builtIn } from '#app/domain/practice/setup.fixture.ts'
import { createMemoryDatabase } from '#app/log/memory.ts'
import { entriesOf, note, openTab, practice, say, type Tab } from '#app/store/device.fixture.ts'
import type { Command } from '#app/store/face.ts'
import { err } from '#core/result.ts'
import { createHouse, type House, type TestDevice } from './devices.fixture.ts'
import { RELAY } from './relay.fixture.ts'
import { meanwhile, wire } from './wired.fixture.ts'

/** Who takes a phrase over here writes through the store, as a person does. */

const own = { ...builtIn('box'), id: 'own-1' as PatternId, name: 'Evening', origin: 'own' as const }
const theirs = { ...own, id: 'own-2' as PatternId, name: 'Morning' }
const lastYear = (id: string) =>
  practice(id, {
    startedAt: { ...practice('x').startedAt, utcMs: practice('x').startedAt.utcMs - 400 * 86_400_000 }
  })

const PRACTICE_HERE: readonly Command[] = [
  { kind: 'keep-practice', record: practice('p1') },
  { kind: 'keep-practice', record: lastYear('p0') },
  { kind: 'save-pattern', pattern: own },
  { kind: 'change-settings', change: { theme: 'night', countIn: 9, phraseConfirmed: true } }
]
const PRACTICE_THERE: readonly Command[] = [
  { kind: 'write-line', line: note('l1', 'of the phrase') },
  { kind: 'save-pattern', pattern: theirs },
  { kind: 'change-settings', change: { theme: 'paper', volumeBell: 0.25 } }
]

/** Each has erased a year that the other practises in. */
const ERASED_HERE: readonly Command[] = [
  { kind: 'keep-practice', record: lastYear('erased here') },
  { kind: 'retire-year', year: 2025 },
  ...PRACTICE_HERE
]
const ERASED_THERE: readonly Command[] = [
  { kind: 'write-line', line: note('erased there', 'of the phrase') },
  { kind: 'retire-year', year: 2026 },
  { kind: 'keep-practice', record: lastYear('l0') },
  ...PRACTICE_THERE
]
const ALL = { entries: ['l0', 'l1', 'p0', 'p1'], patterns: ['own-1', 'own-2'] }

/** @param names what Yjs calls the writer, from here on: of two who set one key the higher is heard. */
const person = async (house: House, name: string, names: number, stranger: boolean) => {
  const database = createMemoryDatabase()
  let drawn = names
  const tab = openTab({ name, database, clientId: () => drawn++ })
  const device = await house.device(name, {
    database,
    stranger,
    start: !stranger,
    ports: { documents: async () => tab.store.paths.get() }
  })
  return { tab, device }
}

const twoLives = async (seed: number, here: readonly Command[], there: readonly Command[], higher = 'here') => {
  const house = createHouse(seed)
  const alice = await person(house, 'alice', 1_000, false)
  for (const command of there) await say(alice.tab, command)
  const bob = await person(house, 'bob', higher === 'here' ? 2_000 : 10, true)
  for (const command of here) await say(bob.tab, command)
  alice.device.runner.documentsChanged()
  await house.pass(20_000)
  const words = await alice.device.vault.phrase()
  if (!words.ok) throw new Error('no phrase')
  return { house, alice, bob, words: words.value }
}

const wireStore = (device: TestDevice, { store }: Tab) => wire(device, { documents: store.paths, report: () => {} })

/** What a person sees after opening everything anew. */
const seen = async (tab: Tab) => {
  const { store } = openTab({ database: tab.database, name: 'reader' })
  await store.openAll()
  const entries = entriesOf(store).map(({ id }) => id)
  const patterns = store.patterns.get().flatMap(({ id, origin }) => (origin === 'own' ? [id] : []))
  store.close()
  return { entries: entries.sort(), patterns: patterns.sort(), settings: store.settings.get() }
}

const takeOver = async (lives: Awaited<ReturnType<typeof twoLives>>) => {
  const { house, alice, bob, words } = lives
  const bobs = wireStore(bob.device, bob.tab)
  await house.pass(20_000)
  expect(
    await meanwhile(
      house,
      bobs.restore.adopt(words, RELAY, 'bring', () => {})
    )
  ).toEqual({ ok: true, value: undefined })
  await house.pass(60_000)
  // What the keyring names now.
  alice.device.runner.documentsChanged()
  await house.pass(60_000)
  expect(bobs.restore.unfinished.get()).toBe(null)
  return { alice: await seen(alice.tab), bob: await seen(bob.tab) }
}

test.each(['here', 'there'])(
  '[JR23] all comes along, settings stay those of the phrase (higher name: %s)',
  async (higher) => {
    const lives = await twoLives(11, PRACTICE_HERE, PRACTICE_THERE, higher)
    const before = (await seen(lives.alice.tab)).settings
    const after = await takeOver(lives)
    for (const one of [after.alice, after.bob]) {
      expect(one.entries).toEqual(['l1', 'p0', 'p1'])
      expect(one.patterns).toEqual(['own-1', 'own-2'])
      expect(one.settings).toEqual(before)
    }
    expect(before).toMatchObject({ theme: 'paper', volumeBell: 0.25, phraseConfirmed: false })
  }
)

test('[JR23] cut short at any write of the taking-over, all is there once and the settings are those of the phrase', async () => {
  for (let crashAt = 1; crashAt < 150; crashAt++) {
    const { house, alice, bob, words } = await twoLives(crashAt, ERASED_HERE, ERASED_THERE)
    const before = (await seen(alice.tab)).settings
    const first = wireStore(bob.device, bob.tab)
    await house.pass(20_000)
    let writes = 0
    bob.device.setFate((mode) => (mode !== 'read' && ++writes === crashAt ? 'crash-after' : 'proceed'))
    void first.restore.adopt(words, RELAY, 'bring', () => {})
    await house.pass(90_000)
    bob.device.cut()
    void first.close()
    const tab = openTab({ database: bob.tab.database, name: 'again' })
    await tab.store.settled
    const again = await house.device('bob', { database: bob.tab.database, start: false })
    const second = wireStore(again, tab)
    await house.pass(120_000)
    expect(second.restore.unfinished.get()).toBe(null)
    const roots = [await alice.device.vault.current(), await again.vault.current()].map(
      (each) => each.ok && each.value.root
    )
    if (roots[0] !== roots[1]) {
      await meanwhile(
        house,
        second.restore.adopt(words, RELAY, 'bring', () => {})
      )
      await house.pass(60_000)
    }
    alice.device.runner.documentsChanged()
    await house.pass(60_000)
    for (const each of [alice.tab, tab])
      expect(await seen(each), `cut at write ${crashAt}`).toEqual({ ...ALL, settings: before })
    if (writes < crashAt) return
  }
  throw new Error('never came to the end')
})

test('[JR23] a year goes on where the phrase has it, and what was retired on either side stays away', async () => {
  const after = await takeOver(await twoLives(13, ERASED_HERE, ERASED_THERE))
  for (const one of [after.alice, after.bob]) expect(one).toMatchObject(ALL)
})

test('[JR23] what is wished after the taking-over is wished under the phrase', async () => {
  const { house, alice, bob, words } = await twoLives(17, PRACTICE_HERE, PRACTICE_THERE)
  const first = wireStore(bob.device, bob.tab)
  await meanwhile(
    house,
    first.restore.adopt(words, RELAY, 'bring', () => {})
  )
  await house.pass(60_000)
  await first.close()
  await say(bob.tab, { kind: 'change-settings', change: { theme: 'black' } })
  wireStore(bob.device, bob.tab)
  await house.pass(60_000)
  for (const each of [alice.tab, bob.tab]) expect((await seen(each)).settings.theme).toBe('black')
})

test('[JR23] where the taking-over fails and all is as it was, wishes are those of this device', async () => {
  const { house, bob, words } = await twoLives(19, PRACTICE_HERE, PRACTICE_THERE)
  const log = { ...bob.device.log, reroot: async () => err({ kind: 'quota' } as const) }
  const bobs = wire(bob.device, { log, documents: bob.tab.store.paths, report: () => {} })
  await house.pass(20_000)
  await say(bob.tab, { kind: 'change-settings', change: { theme: 'black' } })
  const adopted = bobs.restore.adopt(words, RELAY, 'bring', () => {})
  expect(await meanwhile(house, adopted)).toEqual({ ok: false, error: 'storage-full' })
  await house.pass(60_000)
  expect(bobs.sync.get().status).toMatchObject({ kind: 'live', waiting: 0 })
  expect((await seen(bob.tab)).settings.theme).toBe('black')
})

/** Bob keeps his journal on another relay; where the phrase was found is gone before its keyring was read. */
const foundAndGone = async (seed: number, here: readonly Command[], there: readonly Command[]) => {
  const lives = await twoLives(seed, here, there)
  const { house, bob, words } = lives
  const other = house.relayAt('other.test')
  other.restart()
  const bobs = wireStore(bob.device, bob.tab)
  await bobs.parts.relaySetting.set('https://other.test')
  await house.pass(20_000)
  const former = new Set(other.disk.roots.keys())
  const adopted = bobs.restore.adopt(words, RELAY, 'bring', (step) => {
    if (step === 'copying') house.relay.stop()
  })
  expect(await meanwhile(house, adopted)).toEqual({ ok: false, error: 'interrupted' })
  /** Documents of the phrase that the other relay has something of. */
  const shardsThere = (): number =>
    [...other.disk.roots]
      .flatMap(([root, { shards }]) => (former.has(root) ? [] : [...shards.values()]))
      .filter(({ rows }) => rows.length > 0).length
  return { ...lives, bobs, shardsThere }
}

test('[JR23] a relay that does not have the phrase is given nothing before the phrase was read', async () => {
  const { house, alice, bob, bobs, shardsThere } = await foundAndGone(15, ERASED_HERE, ERASED_THERE)
  const before = (await seen(alice.tab)).settings
  expect(shardsThere()).toBe(0)
  house.relay.restart()
  await house.pass(180_000)
  alice.device.runner.documentsChanged()
  await house.pass(60_000)
  expect(bobs.restore.unfinished.get()).toBe(null)
  expect(shardsThere()).toBeGreaterThan(0)
  for (const each of [alice.tab, bob.tab]) expect(await seen(each)).toEqual({ ...ALL, settings: before })
})

test('[JR23] what waited for the keyring goes to the other relay at once, though the first is gone again', async () => {
  const { house, shardsThere } = await foundAndGone(18, PRACTICE_HERE, PRACTICE_THERE)
  house.setWatch((way, frame) => {
    if (way === 'up' && frame.type === 'push') house.relay.stop()
    return undefined
  })
  house.relay.restart()
  await house.pass(180_000)
  expect(shardsThere()).toBe(4)
})

test('[JR23] a relay that was removed meanwhile is not waited for', async () => {
  const { house, bob, bobs, shardsThere } = await foundAndGone(16, PRACTICE_HERE, PRACTICE_THERE)
  await bobs.sync.removeRelay(RELAY)
  await house.pass(180_000)
  expect(bobs.restore.unfinished.get()).toBe(null)
  expect(shardsThere()).toBe(4)
  expect(await seen(bob.tab)).toMatchObject({ entries: ['p0', 'p1'], settings: { theme: 'night' } })
})
