import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { DocPath, RelayName } from '#app/store/ports.ts'
import { type Marker, type Parting, SCHEMA_VERSION } from './database.ts'
import { createLog, type DeviceLog, type LogOptions } from './indexeddb.ts'

const journal = 'journal/2026/0' as DocPath
const edit = new Uint8Array([1])

const createMarker = (): Marker => {
  let set = false
  return {
    isSet: () => set,
    set: () => {
      set = true
    },
    clear: () => {
      set = false
    }
  }
}

let databases = 0
/** A browser: one database factory, one place outside it, any number of tabs. */
const browser = () => {
  const name = `council-opening-${++databases}`
  const place = { name, indexedDB: new IDBFactory(), marker: createMarker() }
  const tab = (more: Partial<LogOptions> = {}): DeviceLog => {
    const log = createLog({ ...place, ...more })
    onTestFinished(() => log.close())
    return log
  }
  return { ...place, tab }
}

test('[LG27] what was appended is there after the browser was restarted', async () => {
  const { tab } = browser()
  const before = tab()
  const id = await before.appendLocal(journal, edit)
  await before.close()
  expect(await tab().load(journal)).toMatchObject({
    ok: true,
    value: { rows: [{ update: edit }], upTo: id.ok && id.value }
  })
})

const later = { version: SCHEMA_VERSION + 4 }

test('[LG28] a newer store is refused by its version and left as it is', async () => {
  const { tab, indexedDB } = browser()
  const newer = tab(later)
  await newer.appendLocal(journal, edit)
  await newer.close()
  expect(await tab().open()).toEqual({ ok: false, error: { kind: 'newer', version: later.version } })
  expect(await tab().appendLocal(journal, edit)).toMatchObject({ ok: false, error: { kind: 'newer' } })
  expect((await indexedDB.databases()).map((each) => each.version)).toEqual([later.version])
})

test('[LG29] a tab lets go when a later version wants to upgrade: it says why once and closed ever after', async () => {
  const { tab } = browser()
  const partings: Parting[] = []
  const older = tab({ onParting: (parting) => partings.push(parting) })
  await older.appendLocal(journal, edit)
  expect(await tab(later).load(journal)).toMatchObject({ ok: true, value: { rows: [{ update: edit }] } })
  expect(partings).toEqual(['upgrade'])
  expect(await older.load(journal)).toEqual({ ok: false, error: { kind: 'closed' } })
})

test('[LG30] while another tab will not let go every verb says blocked; once it has, the same tab works', async () => {
  const { tab, indexedDB, name } = browser()
  await tab().appendLocal(journal, edit)
  const frozen = await holdOpen(indexedDB, name)
  const newer = tab(later)
  expect(await newer.open()).toEqual({ ok: false, error: { kind: 'blocked' } })
  expect(await newer.appendLocal(journal, edit)).toEqual({ ok: false, error: { kind: 'blocked' } })
  frozen.close()
  await vi.waitFor(async () => expect(await newer.open()).toMatchObject({ ok: true }))
  expect(await newer.load(journal)).toMatchObject({ ok: true, value: { rows: [{ update: edit }] } })
})

/** A frozen tab hears no request to let go. */
const holdOpen = (factory: IDBFactory, name: string): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = factory.open(name)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

test('[LG31] a store the browser threw away is told as evicted at each start, until the person begins again', async () => {
  const { tab, indexedDB, name } = browser()
  const before = tab()
  await before.appendLocal(journal, edit)
  await before.close()
  indexedDB.deleteDatabase(name)
  for (const log of [tab(), tab()]) {
    expect(await log.load(journal)).toEqual({ ok: false, error: { kind: 'evicted' } })
    expect(await log.appendLocal(journal, edit)).toEqual({ ok: false, error: { kind: 'evicted' } })
  }
  const log = tab()
  expect(await log.open()).toMatchObject({ ok: false })
  expect(await log.beginAgain()).toMatchObject({ ok: true })
  expect(await log.load(journal)).toMatchObject({ ok: true, value: { rows: [] } })
  expect(await tab().open()).toMatchObject({ ok: true })
})

test('[LG32] a first visit is no eviction, and neither is a start after the person erased this device', async () => {
  const { tab } = browser()
  const partings: Parting[] = []
  const [first, second] = [tab(), tab({ onParting: (parting) => partings.push(parting) })]
  expect(await first.open()).toMatchObject({ ok: true })
  await second.appendLocal(journal, edit)
  expect(await first.destroy()).toMatchObject({ ok: true })
  expect(partings).toEqual(['erased'])
  expect(await second.load(journal)).toEqual({ ok: false, error: { kind: 'closed' } })
  expect(await tab().load(journal)).toMatchObject({ ok: true, value: { rows: [] } })
})

test('[LG33] want of space is told as quota, whether a request meets it or only the commit; earlier writes are whole', async () => {
  const { tab } = browser()
  const log = tab()
  const kept = await log.appendLocal(journal, edit)
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('no space', 'QuotaExceededError')
  })
  expect(await log.appendLocal(journal, edit)).toEqual({ ok: false, error: { kind: 'quota' } })
  put.mockRestore()
  const commit = vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
    abortFor(this, 'QuotaExceededError')
  })
  expect(await log.appendLocal(journal, edit)).toEqual({ ok: false, error: { kind: 'quota' } })
  commit.mockRestore()
  expect(await log.load(journal)).toMatchObject({ ok: true, value: { rows: [{ id: kept.ok && kept.value }] } })
  expect(await log.appendLocal(journal, edit)).toMatchObject({ ok: true })
})

test('[LG34] a failed read is an error, never an empty document', async () => {
  const { tab } = browser()
  const log = tab()
  await log.appendLocal(journal, edit)
  const getAll = vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(() => {
    throw new DOMException('bad block', 'UnknownError')
  })
  const failed = await log.load(journal)
  expect(failed).toEqual({ ok: false, error: { kind: 'io', reason: 'UnknownError: bad block' } })
  getAll.mockRestore()
  expect(await log.load(journal)).toMatchObject({ ok: true, value: { rows: [{ update: edit }] } })
})

test('[LG35] a connection that the browser lost without telling is opened anew', async () => {
  const { tab } = browser()
  const log = tab()
  await log.appendLocal(journal, edit)
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
    throw new DOMException('the connection is closing', 'InvalidStateError')
  })
  expect(await log.load(journal)).toMatchObject({ ok: true, value: { rows: [{ update: edit }] } })
})

test('[LG36] local edits and sealed bytes ask for the disk; what can be had again does not', async () => {
  const { tab } = browser()
  const log = tab()
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
  const asked = () => transaction.mock.calls.at(-1)?.[2]?.durability
  await log.appendLocal(journal, edit)
  expect(asked()).toBe('strict')
  await log.keepProof('writer', 'root', edit)
  expect(asked()).toBe('strict')
  await log.put('phrase', 'words')
  expect(asked()).toBe('strict')
  const hash = new Uint8Array(16)
  await log.keepSealed(journal, { counter: 1, bytes: edit, digest: hash, innerHash: hash, rows: [], epoch: 0 })
  expect(asked()).toBe('strict')
  await log.acknowledge(journal, 'relay' as RelayName, [])
  expect(asked()).toBe('relaxed')
})

/** fake-indexeddb's own way to end a transaction as a browser does that finds no space at the commit. */
const abortFor = (transaction: IDBTransaction, error: string): void =>
  (transaction as unknown as { _abort(error: string): void })._abort(error)
