import { expect, test } from 'vitest'
import type { PatternId } from '#app/domain/breath/pattern.ts'
import type { RecordId } from '#app/domain/practice/record.ts'
import { builtIn } from '#app/domain/practice/setup.fixture.ts'
import { DEFAULT_SETTINGS } from '#app/domain/settings/parse.ts'
import { edit, entriesOf, lineOf, note, openTab, practice, remove, rest, say, undo } from './device.fixture.ts'

test('[JR8] what was kept is there after a restart: practice, line, pattern, favourite, settings', async () => {
  const before = openTab()
  const own = { ...builtIn('4-6'), id: 'own-1' as PatternId, name: 'Evening', origin: 'own' as const }
  await say(before, { kind: 'keep-practice', record: practice('p1') })
  await say(before, { kind: 'write-line', line: note('l1', 'snow') })
  await say(before, { kind: 'save-pattern', pattern: own })
  await say(before, { kind: 'favour-pattern', id: own.id, favourite: true })
  await say(before, { kind: 'change-settings', change: { theme: 'night', countIn: 5 } })
  const after = openTab({ database: before.database })
  await after.store.settled
  expect(entriesOf(after.store)).toEqual(expect.arrayContaining([practice('p1'), note('l1', 'snow')]))
  expect(after.store.patterns.get().at(-1)).toEqual(own)
  expect([...after.store.favourites.get()]).toEqual(['own-1'])
  expect(after.store.settings.get()).toEqual({ ...DEFAULT_SETTINGS, theme: 'night', countIn: 5 })
  expect(after.store.status.get()).toEqual({ unsaved: 0, writeError: null, ready: true, failed: [], readOnly: [] })
})

test('[JR8] opening writes nothing: a visit without a practice leaves no trace in the log', async () => {
  const { store, log } = openTab()
  await store.settled
  expect(await log.documents()).toEqual({ ok: true, value: [] })
  expect(store.journal.get()).toEqual({ years: [] })
  expect(store.paths.get()).toEqual(['keyring', 'library'])
  expect(store.status.get().ready).toBe(true)
})

test('[JR9] each command gives the one that takes it back', async () => {
  const tab = openTab()
  await say(tab, { kind: 'keep-practice', record: practice('p1') })
  const whole = entriesOf(tab.store)
  await undo(tab, { kind: 'write-line', line: note('l1', 'snow') })
  await undo(tab, {
    kind: 'edit-entry',
    id: 'p1' as RecordId,
    year: 2026,
    change: { line: 'other', tags: ['x', 'y'], after: null }
  })
  await undo(tab, remove('p1'))
  expect(entriesOf(tab.store)).toEqual(whole)
  const settings = tab.store.settings.get()
  await undo(tab, { kind: 'change-settings', change: { look: 'wave', lastPlan: { kind: 'open' } } })
  expect(tab.store.settings.get()).toEqual(settings)
  const own = { ...builtIn('box'), id: 'own-1' as PatternId, name: 'Mine', origin: 'own' as const }
  await undo(tab, { kind: 'save-pattern', pattern: own })
  expect(tab.store.patterns.get().some(({ id }) => id === own.id)).toBe(false)
})

test('[JR10] a value keeps its reference until it changes, and only what changed is new', async () => {
  const tab = openTab()
  await say(tab, { kind: 'keep-practice', record: practice('p1') })
  await say(tab, {
    kind: 'keep-practice',
    record: practice('p2', {
      startedAt: { ...practice('x').startedAt, utcMs: practice('x').startedAt.utcMs - 86_400_000 }
    })
  })
  const { journal, settings, patterns } = tab.store
  let told = 0
  journal.subscribe(() => told++)
  const [before, settingsBefore, patternsBefore] = [journal.get(), settings.get(), patterns.get()]
  await say(tab, edit('p1', 'changed'))
  expect(told).toBe(1)
  expect(journal.get()).not.toBe(before)
  expect([settings.get(), patterns.get()]).toEqual([settingsBefore, patternsBefore])
  expect(settings.get()).toBe(settingsBefore)
  const daysOf = (value: typeof before) => value.years.flatMap((year) => (year.kind === 'open' ? year.days : []))
  expect(daysOf(journal.get())[1]).toBe(daysOf(before)[1])
  expect(daysOf(journal.get())[0]).not.toBe(daysOf(before)[0])
})

test('[JR11] a write that fails is told, still shown, and written by the retry', async () => {
  const tab = openTab()
  await say(tab, { kind: 'write-line', line: note('l1', 'first') })
  tab.setFate((operation) => (operation === 'appendLocal' ? 'quota' : 'proceed'))
  const failed = await tab.store.dispatch(edit('l1', 'second'))
  expect(failed).toMatchObject({ ok: false, error: { kind: 'not-on-disk', reason: 'quota' } })
  expect(lineOf(tab.store, 'l1')).toBe('second')
  expect(tab.store.status.get()).toMatchObject({ unsaved: 1, writeError: 'quota' })
  const reopened = openTab({ database: tab.database })
  await reopened.store.settled
  expect(lineOf(reopened.store, 'l1')).toBe('first')
  tab.setFate(() => 'proceed')
  tab.runRetries()
  await rest()
  expect(tab.store.status.get()).toMatchObject({ unsaved: 0, writeError: null })
  expect(lineOf(reopened.store, 'l1')).toBe('second')
})

test('[JR12] a document that cannot be read is failed, never empty: nothing is written over it', async () => {
  const before = openTab()
  await say(before, { kind: 'keep-practice', record: practice('p1') })
  const tab = openTab({ database: before.database })
  tab.setFate((operation) => (operation === 'load' ? 'io' : 'proceed'))
  await tab.store.settled
  expect(tab.store.status.get()).toMatchObject({ ready: false })
  expect(tab.store.status.get().failed.length).toBeGreaterThan(0)
  expect(await tab.store.dispatch({ kind: 'write-line', line: note('l2', 'x') })).toMatchObject({
    ok: false,
    error: { kind: 'not-loaded' }
  })
  expect(tab.store.journal.get().years.some(({ kind }) => kind === 'open')).toBe(false)
  tab.setFate(() => 'proceed')
  await tab.store.retry()
  expect(tab.store.status.get()).toMatchObject({ ready: true, failed: [] })
  expect(entriesOf(tab.store)).toEqual([practice('p1')])
})

test('[JR13] two tabs of one device show the same, at once', async () => {
  const one = openTab()
  const two = openTab({ database: one.database })
  await Promise.all([one.store.settled, two.store.settled])
  await say(one, { kind: 'keep-practice', record: practice('p1') })
  await rest()
  expect(entriesOf(two.store)).toEqual([practice('p1')])
  await say(two, edit('p1', 'from two'))
  await say(two, { kind: 'change-settings', change: { look: 'words' } })
  await rest()
  expect(lineOf(one.store, 'p1')).toBe('from two')
  expect(one.store.settings.get().look).toBe('words')
})

test('[JR13] rows that could not be read at first are read later', async () => {
  const one = openTab()
  const two = openTab({ database: one.database })
  await Promise.all([one.store.settled, two.store.settled])
  two.setFate((operation) => (operation === 'readAfter' ? 'io' : 'proceed'))
  await say(one, { kind: 'change-settings', change: { look: 'words' } })
  await rest()
  expect(two.store.settings.get().look).toBe('orb')
  two.setFate(() => 'proceed')
  two.runRetries()
  await rest()
  expect(two.store.settings.get().look).toBe('words')
})

test('[JR19] what may not be kept is refused by name', async () => {
  const { store } = openTab()
  expect(await store.dispatch({ kind: 'change-settings', change: { volumeCue: 7 } })).toEqual({
    ok: false,
    error: { kind: 'invalid', what: 'volumeCue' }
  })
  const pattern = { ...builtIn('4-6'), origin: 'own' as const }
  expect(await store.dispatch({ kind: 'save-pattern', pattern })).toMatchObject({
    error: { kind: 'invalid', what: 'built-in' }
  })
  expect(await store.dispatch({ kind: 'delete-pattern', id: 'nobody' as PatternId })).toEqual({
    ok: false,
    error: { kind: 'gone' }
  })
})

test('[JR22] settings, patterns and the names of the years are there before any journal is read', async () => {
  const before = openTab()
  await say(before, { kind: 'keep-practice', record: practice('p1') })
  await say(before, { kind: 'change-settings', change: { theme: 'black' } })
  const never = new Promise<void>(() => undefined)
  const after = openTab({ database: before.database, idle: () => never })
  await after.store.usable
  expect(after.store.settings.get().theme).toBe('black')
  expect(after.store.journal.get()).toEqual({ years: [{ kind: 'closed', year: 2026 }] })
  expect((await after.store.dispatch(edit('p1', 'written before the year was read'))).ok).toBe(true)
  expect(lineOf(after.store, 'p1')).toBe('written before the year was read')
})

test('a year is listed a breather after it was read, with what another tab wrote and what was asked for meanwhile', async () => {
  const before = openTab()
  await say(before, { kind: 'write-line', line: note('l1', 'snow') })
  const { promise, resolve: goOn } = Promise.withResolvers<void>()
  const { promise: read, resolve: wasRead } = Promise.withResolvers<void>()
  const after = openTab({
    database: before.database,
    breather: () => {
      wasRead()
      return promise
    }
  })
  await read
  expect(after.store.journal.get().years).toEqual([{ kind: 'opening', year: 2026 }])
  await say(before, { kind: 'write-line', line: note('l2', 'thaw') })
  const written = say(after, { kind: 'write-line', line: note('l3', 'sun') })
  goOn()
  await written
  await after.store.settled
  expect(entriesOf(after.store).map(({ line }) => line)).toEqual(expect.arrayContaining(['snow', 'thaw', 'sun']))
})
