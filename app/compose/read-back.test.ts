import { expect, test } from 'vitest'
import type { PatternId } from '#app/domain/breath/pattern.ts'
import { builtIn } from '#app/domain/practice/setup.fixture.ts'
import { entriesOf, lineOf, note, openTab, practice, type Tab } from '#app/store/device.fixture.ts'
import { createVault } from '#app/vault/create-vault.ts'
import { createMemoryShelf } from '#app/vault/memory-shelf.ts'
import { createBackupPort } from './backup.ts'

const deviceOf = (tab: Tab) => {
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const vault = createVault({ shelf: createMemoryShelf(), crypto, random })
  return {
    tab,
    vault,
    backup: createBackupPort({ store: tab.store, vault: async () => vault, today: () => '2026-11-21' })
  }
}
type Device = ReturnType<typeof deviceOf>

const OWN = { ...builtIn('box'), id: 'own-pattern' as PatternId, name: 'Mine', origin: 'own' as const }

const filledDevice = async (): Promise<Device> => {
  const device = deviceOf(openTab())
  const { store } = device.tab
  await store.settled
  const startedAt = { utcMs: 1_700_000_000_000, zone: 'UTC', offsetMinutes: 0 }
  for (const record of [practice('p1'), practice('p0', { startedAt })])
    expect(await store.dispatch({ kind: 'keep-practice', record })).toMatchObject({ ok: true })
  await store.dispatch({ kind: 'write-line', line: note('n1', 'as it was') })
  await store.dispatch({ kind: 'save-pattern', pattern: OWN })
  await store.dispatch({ kind: 'favour-pattern', id: OWN.id, favourite: true })
  return device
}

const saved = async ({ backup }: Device, form: 'sealed' | 'json'): Promise<Blob> => {
  const file = await backup.exportFile(form)
  if (!file.ok) throw new Error(file.error)
  return file.value.data
}

const read = ({ backup }: Device, file: Blob) => backup.readFile(file)

test('[JR24] a sealed file brings back what was deleted and leaves what was edited since', async () => {
  const device = await filledDevice()
  const { store } = device.tab
  const before = entriesOf(store)
  const file = await saved(device, 'sealed')
  await store.dispatch({ kind: 'delete-entry', id: practice('p0').id, year: 2023 })
  await store.dispatch({ kind: 'delete-pattern', id: OWN.id })
  await store.dispatch({ kind: 'edit-entry', id: note('n1', '').id, year: 2026, change: { line: 'edited since' } })
  await store.dispatch({ kind: 'change-settings', change: { look: 'ring' } })
  expect(await read(device, file)).toEqual({ ok: true, value: { added: 2, alreadyHere: 2, leftOut: 0 } })
  expect(entriesOf(store)).toEqual(
    before.map((entry) => (entry.id === 'n1' ? { ...entry, line: 'edited since' } : entry))
  )
  expect(store.patterns.get()).toContainEqual(OWN)
  expect(store.favourites.get().has(OWN.id)).toBe(true)
  expect(store.settings.get().look).toBe('ring')
  expect(await read(device, file)).toEqual({ ok: true, value: { added: 0, alreadyHere: 4, leftOut: 0 } })
})

test('[JR24] a readable file brings everything to a device with other words, years that are closed included', async () => {
  const from = await filledDevice()
  const to = deviceOf(openTab())
  await to.tab.store.settled
  const steps: string[] = []
  const back = await to.backup.readFile(await saved(from, 'json'), {
    onStep: (done, of) => steps.push(`${done}/${of}`)
  })
  expect(back).toEqual({ ok: true, value: { added: 4, alreadyHere: 0, leftOut: 0 } })
  expect(steps).toEqual(['0/5', '1/5', '2/5', '4/5'])
  expect(entriesOf(to.tab.store)).toEqual(entriesOf(from.tab.store))
  const again = deviceOf(openTab({ database: to.tab.database }))
  await again.tab.store.settled
  expect(await read(again, await saved(from, 'json'))).toMatchObject({ value: { added: 0, alreadyHere: 4 } })
})

test('[JR26] a file sealed under other words, or changed, is not ours; other files are no backup; nothing changes', async () => {
  const from = await filledDevice()
  const sealed = await saved(from, 'sealed')
  const to = deviceOf(openTab())
  await to.tab.store.settled
  // No keys at all, and then other ones.
  expect(await read(to, sealed)).toEqual({ ok: false, error: 'not-ours' })
  expect(await to.vault.create()).toMatchObject({ ok: true })
  expect(await read(to, sealed)).toEqual({ ok: false, error: 'not-ours' })
  expect(await read(from, sealed.slice(0, sealed.size - 1))).toEqual({ ok: false, error: 'not-ours' })
  expect(await read(to, new Blob(['Dear diary']))).toEqual({ ok: false, error: 'not-a-backup' })
  expect(await read(to, new Blob([Uint8Array.of(0x89, 0x50, 0xff)]))).toEqual({ ok: false, error: 'not-a-backup' })
  expect(await read(to, new Blob([]))).toEqual({ ok: false, error: 'not-a-backup' })
  expect(await read(to, new Blob(['{"format":"sacred-council/9"}']))).toEqual({ ok: false, error: 'newer' })
  expect(entriesOf(to.tab.store)).toEqual([])
})

test('[JR24] a disk that fills up is told; the file read again brings the rest', async () => {
  const file = await saved(await filledDevice(), 'json')
  const to = deviceOf(openTab())
  await to.tab.store.settled
  let writes = 0
  to.tab.setFate((operation) => (operation === 'appendLocal' && ++writes > 3 ? 'quota' : 'proceed'))
  expect(await read(to, file)).toEqual({ ok: false, error: 'not-on-disk' })
  to.tab.setFate(() => 'proceed')
  await to.tab.store.retry()
  expect(await read(to, file)).toMatchObject({ ok: true })
  expect(entriesOf(to.tab.store)).toHaveLength(3)
  expect(lineOf(to.tab.store, 'n1')).toBe('as it was')
})

test('[JR25] a file sealed under other words opens with those words, and only with those', async () => {
  const device = await filledDevice()
  const file = await saved(device, 'sealed')
  const words = await device.vault.phrase()
  if (!words.ok) throw new Error(words.error.kind)
  const other = deviceOf(openTab())
  await other.tab.store.settled
  await other.vault.create()
  const own = await other.vault.phrase()
  expect(await read(other, file)).toEqual({ ok: false, error: 'not-ours' })
  expect(await other.backup.readFile(file, { words: own.ok ? own.value : [] })).toEqual({
    ok: false,
    error: 'not-ours'
  })
  expect(await other.backup.readFile(file, { words: words.value })).toMatchObject({ ok: true, value: { added: 4 } })
  expect(entriesOf(other.tab.store)).toEqual(entriesOf(device.tab.store))
  // The words opened a file; they did not become this device's.
  expect(await other.vault.phrase()).toEqual(own)
})

test('[JR24] many entries are written together: a year of hundreds is a handful of writes, and each row is small', async () => {
  const device = deviceOf(openTab())
  await device.tab.store.settled
  const lines = Array.from({ length: 250 }, (_, n) => note(`n${n}`, n % 50 === 0 ? 'x'.repeat(30_000) : `line ${n}`))
  for (const line of lines) await device.tab.store.dispatch({ kind: 'write-line', line })
  const file = await saved(device, 'json')
  const to = deviceOf(openTab())
  await to.tab.store.settled
  let writes = 0
  to.tab.setFate((operation) => {
    if (operation === 'appendLocal') writes++
    return 'proceed'
  })
  const steps: number[] = []
  const back = await to.backup.readFile(file, { onStep: (done) => steps.push(done) })
  expect(back).toMatchObject({ ok: true, value: { added: 250 } })
  expect(writes).toBeLessThan(10)
  expect(steps.length).toBeGreaterThan(2)
  expect(steps).toEqual([...steps].sort((a, b) => a - b))
  expect(entriesOf(to.tab.store)).toHaveLength(250)
  const year = to.tab.store.paths.get().find((path) => path.startsWith('journal/'))
  const loaded = year === undefined ? undefined : await to.tab.log.load(year)
  const sizes = loaded?.ok ? loaded.value.rows.map(({ update }) => update.byteLength) : []
  expect(Math.max(...sizes)).toBeLessThan(300_000)
})
