import { expect, test } from 'vitest'
import type { PatternId } from '#app/domain/breath/pattern.ts'
import type { RecordId } from '#app/domain/practice/record.ts'
import { builtIn } from '#app/domain/practice/setup.fixture.ts'
import { DEFAULT_SETTINGS } from '#app/domain/settings/parse.ts'
import { docBytes } from './bytes.ts'
import { carry, entriesOf, lineOf, note, openTab, practice, rest, type Tab } from './device.fixture.ts'
import type { Command } from './face.ts'
import type { DocPath } from './ports.ts'

const say = async ({ store }: Tab, command: Command) => {
  const result = await store.dispatch(command)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}
const undo = async (tab: Tab, command: Command): Promise<void> => {
  const back = (await say(tab, command)).undo
  if (back === null) throw new Error('nothing to undo')
  await say(tab, back)
}
const edit = (id: string, line: string): Command => ({
  kind: 'edit-entry',
  id: id as RecordId,
  year: 2026,
  change: { line }
})
const remove = (id: string): Command => ({ kind: 'delete-entry', id: id as RecordId, year: 2026 })

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

test('[JR14] edits of two devices meet: fields beside each other, words in one line, tags together', async () => {
  const [a, b] = [openTab({ name: 'a' }), openTab({ name: 'b' })]
  await say(a, { kind: 'keep-practice', record: practice('p1') })
  await carry(a, b)
  await say(a, {
    kind: 'edit-entry',
    id: 'p1' as RecordId,
    year: 2026,
    change: { line: 'morning light on the wall', tags: ['dawn', 'home'] }
  })
  await say(b, {
    kind: 'edit-entry',
    id: 'p1' as RecordId,
    year: 2026,
    change: { line: 'light on the wall, then snow', tags: ['dawn', 'train'], after: 5 }
  })
  await say(a, { kind: 'change-settings', change: { theme: 'night' } })
  await say(b, { kind: 'change-settings', change: { look: 'ring' } })
  await carry(a, b)
  await carry(b, a)
  const merged = practice('p1', {
    line: 'morning light on the wall, then snow',
    tags: ['dawn', 'home', 'train'],
    after: 5
  })
  for (const { store } of [a, b]) {
    expect(entriesOf(store)).toEqual([merged])
    expect(store.settings.get()).toMatchObject({ theme: 'night', look: 'ring' })
  }
})

test('[JR15] deleting beats a concurrent edit, and the device that lost its edit is offered a copy once', async () => {
  const [a, b] = [openTab({ name: 'a' }), openTab({ name: 'b' })]
  await say(a, { kind: 'keep-practice', record: practice('p1') })
  await carry(a, b)
  await say(a, remove('p1'))
  await say(b, edit('p1', 'words that only b knows'))
  await carry(a, b)
  await carry(b, a)
  expect([...entriesOf(a.store), ...entriesOf(b.store)]).toEqual([])
  expect(a.store.lostEdits.get()).toEqual([])
  expect(b.store.lostEdits.get()).toMatchObject([{ entry: { id: 'p1', line: 'words that only b knows' } }])
  const reloaded = openTab({ database: b.database })
  await reloaded.store.settled
  expect(reloaded.store.lostEdits.get()).toHaveLength(1)
  expect((await reloaded.store.answerLostEdit('p1' as RecordId, 'keep')).ok).toBe(true)
  expect((await b.store.answerLostEdit('p1' as RecordId, 'keep')).ok).toBe(true)
  await rest()
  await carry(b, a)
  expect(entriesOf(a.store).map(({ line }) => line)).toEqual(['words that only b knows'])
  expect(b.store.lostEdits.get()).toEqual([])
})

test('[JR15] a deletion that had seen the edit offers nothing', async () => {
  const [a, b] = [openTab({ name: 'a' }), openTab({ name: 'b' })]
  await say(a, { kind: 'keep-practice', record: practice('p1') })
  await carry(a, b)
  await say(b, edit('p1', 'second thought'))
  await carry(b, a)
  await say(a, edit('p1', 'third thought'))
  await say(a, remove('p1'))
  await carry(a, b)
  expect(entriesOf(b.store)).toEqual([])
  expect(b.store.lostEdits.get()).toEqual([])
  expect(await b.store.dispatch(edit('p1', 'too late'))).toMatchObject({ error: { kind: 'gone' } })
})

test('[JR16] a record kept again under a deleted id stays deleted; only its undo brings it back', async () => {
  const tab = openTab()
  await say(tab, { kind: 'keep-practice', record: practice('p1') })
  await say(tab, { kind: 'keep-practice', record: practice('p1', { line: 'doubled' }) })
  expect(entriesOf(tab.store)).toEqual([practice('p1')])
  await say(tab, remove('p1'))
  expect(await tab.store.dispatch({ kind: 'keep-practice', record: practice('p1') })).toMatchObject({
    error: { kind: 'gone' }
  })
  await say(tab, { kind: 'restore-entry', entry: practice('p1') })
  expect(entriesOf(tab.store)).toEqual([practice('p1')])
})

test('[JR16] a record that stands under a deleted id is not shown, and its words go', async () => {
  const { Doc, encodeStateAsUpdate } = await import('yjs')
  const tab = openTab()
  await say(tab, { kind: 'keep-practice', record: practice('p1', { line: 'words to be gone' }) })
  const other = new Doc()
  other.getMap('gone').set('p1', {})
  await tab.log.appendLocal('journal/2026/0' as DocPath, encodeStateAsUpdate(other))
  await rest()
  expect(entriesOf(tab.store)).toEqual([])
  const loaded = await tab.log.load('journal/2026/0' as DocPath)
  if (!loaded.ok) throw new Error('load')
  const bytes = docBytes.compact(loaded.value.rows.map(({ update }) => update))
  expect(new TextDecoder('latin1').decode(bytes)).not.toContain('words to be gone')
})

test('[JR17] a year whose name did not reach the disk is not called saved, is found again all the same, and is named by the retry', async () => {
  const tab = openTab()
  let appends = 0
  tab.setFate((operation) => (operation === 'appendLocal' && appends++ === 0 ? 'quota' : 'proceed'))
  const kept = await tab.store.dispatch({ kind: 'keep-practice', record: practice('p1') })
  expect(kept).toMatchObject({ ok: false, error: { kind: 'not-on-disk', reason: 'quota' } })
  const reopened = openTab({ database: tab.database })
  await reopened.store.settled
  expect(entriesOf(reopened.store)).toEqual([practice('p1')])
  tab.runRetries()
  await rest()
  const keyring = await tab.log.load('keyring' as DocPath)
  expect(keyring).toMatchObject({ ok: true, value: { rows: [{}] } })
  expect(tab.store.status.get()).toMatchObject({ unsaved: 0, writeError: null })
})

test('[JR17] years are documents of their own, read when they are wanted, and named in the keyring', async () => {
  const before = openTab()
  const lastYear = practice('old', {
    startedAt: { ...practice('x').startedAt, utcMs: practice('x').startedAt.utcMs - 365 * 86_400_000 }
  })
  await say(before, { kind: 'keep-practice', record: practice('new') })
  await say(before, { kind: 'keep-practice', record: lastYear })
  const other = openTab({ name: 'other' })
  await carry(before, other)
  expect(other.store.journal.get().years).toMatchObject([
    { kind: 'open', year: 2026 },
    { kind: 'closed', year: 2025 }
  ])
  expect(other.store.paths.get()).toEqual(['keyring', 'library', 'journal/2026/0', 'journal/2025/0'])
  expect((await other.store.openYear(2025)).ok).toBe(true)
  expect(entriesOf(other.store).map(({ id }) => id)).toEqual(['new', 'old'])
})

test('[JR17] a retired year begins again as another document', async () => {
  const tab = openTab()
  await say(tab, { kind: 'write-line', line: note('l1', 'before') })
  await say(tab, { kind: 'retire-year', year: 2026 })
  expect(entriesOf(tab.store)).toEqual([])
  await say(tab, { kind: 'write-line', line: note('l2', 'after') })
  expect(entriesOf(tab.store).map(({ id }) => id)).toEqual(['l2'])
  expect(tab.store.paths.get()).toEqual(['keyring', 'library', 'journal/2026/1'])
})

test('[JR18] a document of a later app is shown and left as it is', async () => {
  const { Doc, encodeStateAsUpdate } = await import('yjs')
  const before = openTab()
  await say(before, { kind: 'keep-practice', record: practice('p1') })
  const later = new Doc()
  later.getMap('schema').set('2', true)
  await before.log.appendLocal('journal/2026/0' as DocPath, encodeStateAsUpdate(later))
  await rest()
  const after = openTab({ database: before.database })
  await after.store.settled
  for (const { store } of [before, after]) {
    expect(store.status.get().readOnly).toEqual(['journal/2026/0'])
    expect(store.journal.get().years).toMatchObject([{ readOnly: true }])
    expect(entriesOf(store)).toEqual([practice('p1')])
    expect(await store.dispatch(edit('p1', 'x'))).toEqual({ ok: false, error: { kind: 'read-only' } })
  }
  expect((await after.store.dispatch({ kind: 'change-settings', change: { theme: 'black' } })).ok).toBe(true)
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
