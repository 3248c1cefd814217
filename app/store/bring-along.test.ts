import { expect, test } from 'vitest'
import type { PatternId } from '#app/domain/breath/pattern.ts'
import { builtIn } from '#app/domain/practice/setup.fixture.ts'
import { bringAlong, countEntries } from './bring-along.ts'
import { entriesOf, note, openTab, practice, rest, type Tab } from './device.fixture.ts'
import type { Command } from './face.ts'

const say = async ({ store }: Tab, ...commands: readonly Command[]): Promise<void> => {
  for (const command of commands) {
    const result = await store.dispatch(command)
    if (!result.ok) throw new Error(JSON.stringify(result.error))
  }
}
const own = { ...builtIn('box'), id: 'own-1' as PatternId, name: 'Evening', origin: 'own' as const }
const earlier = practice('p0', {
  startedAt: { ...practice('x').startedAt, utcMs: practice('x').startedAt.utcMs - 400 * 86_400_000 }
})

const twoLives = async () => {
  const [here, phrase] = [openTab({ name: 'here' }), openTab({ name: 'phrase' })]
  await say(here, { kind: 'keep-practice', record: practice('p1') }, { kind: 'keep-practice', record: earlier })
  await say(here, { kind: 'save-pattern', pattern: own }, { kind: 'change-settings', change: { theme: 'night' } })
  await say(
    phrase,
    { kind: 'write-line', line: note('l1', 'of the phrase') },
    { kind: 'change-settings', change: { theme: 'paper' } }
  )
  return { here, phrase }
}

test('[JR23] practices, lines and patterns come along under their ids, settings stay those of the phrase', async () => {
  const { here, phrase } = await twoLives()
  expect(await countEntries(here.log)).toEqual({ ok: true, value: 2 })
  expect(await bringAlong(here.log, phrase.log)).toEqual({ ok: true, value: undefined })
  await rest()
  await phrase.store.openAll()
  expect(
    entriesOf(phrase.store)
      .map(({ id }) => id)
      .sort()
  ).toEqual(['l1', 'p0', 'p1'])
  expect(phrase.store.patterns.get().at(-1)).toEqual(own)
  expect(phrase.store.settings.get().theme).toBe('paper')
  const again = openTab({ database: phrase.database })
  await again.store.openAll()
  expect(entriesOf(again.store)).toEqual(entriesOf(phrase.store))
})

test('[JR23] cut short at any write and brought again, each practice is there once', async () => {
  for (let cut = 0; cut < 5; cut++) {
    const { here, phrase } = await twoLives()
    let writes = 0
    phrase.setFate((operation) => (operation === 'appendLocal' && writes++ === cut ? 'quota' : 'proceed'))
    const first = await bringAlong(here.log, phrase.log)
    expect(first.ok).toBe(writes <= cut)
    phrase.setFate(() => 'proceed')
    expect((await bringAlong(here.log, phrase.log)).ok).toBe(true)
    const rows = (await phrase.log.documents()).ok
    expect((await bringAlong(here.log, phrase.log)).ok && rows).toBe(true)
    const opened = openTab({ database: phrase.database })
    await opened.store.openAll()
    expect(
      entriesOf(opened.store)
        .map(({ id }) => id)
        .sort()
    ).toEqual(['l1', 'p0', 'p1'])
  }
})

test('[JR23] a year that was retired on either side does not come back', async () => {
  const { here, phrase } = await twoLives()
  await say(here, { kind: 'retire-year', year: 2025 })
  await say(phrase, { kind: 'retire-year', year: 2026 })
  expect((await bringAlong(here.log, phrase.log)).ok).toBe(true)
  const opened = openTab({ database: phrase.database })
  await opened.store.openAll()
  expect(entriesOf(opened.store).map(({ id }) => id)).toEqual(['p1'])
  expect(opened.store.paths.get()).toEqual(['keyring', 'library', 'journal/2026/1'])
})
