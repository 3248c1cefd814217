import { expect, test } from 'vitest'
import type { RecordId } from '#app/domain/practice/record.ts'
import { docBytes } from './bytes.ts'
import { carry, edit, entriesOf, note, openTab, practice, remove, rest, say } from './device.fixture.ts'
import type { DocPath } from './ports.ts'

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
