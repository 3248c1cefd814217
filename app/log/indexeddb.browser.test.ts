import { expect, onTestFinished, test } from 'vitest'
import type { DocPath } from '#app/store/ports.ts'
import { SCHEMA_VERSION } from './database.ts'
import { createLog, type DeviceLog, type LogOptions } from './indexeddb.ts'
import { createLeadership, type Leadership } from './leader.ts'
import { logContract } from './log.contract.ts'

/** The same promises in a real browser: its IndexedDB, BroadcastChannel and Web Locks. Two handles of one page stand for two tabs. */

const journal = 'journal/2026/0' as DocPath
const edit = new Uint8Array([1])

let opened = 0
const freshName = () => `council-browser-${Date.now()}-${++opened}`

const tab = (name: string, more: Partial<LogOptions> = {}): DeviceLog => {
  const log = createLog({ name, ...more })
  onTestFinished(() => log.close())
  return log
}

logContract(async () => {
  const name = freshName()
  const [log, other] = [createLog({ name }), createLog({ name })]
  return {
    log,
    other,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([log.close(), other.close()])
      indexedDB.deleteDatabase(name)
    }
  }
})

test('[LG27] [LG29] a later version opens what was appended, and the older tab lets go', async () => {
  const name = freshName()
  const partings: string[] = []
  const older = tab(name, { onParting: (parting) => partings.push(parting) })
  await older.appendLocal(journal, edit)
  const newer = tab(name, { version: SCHEMA_VERSION + 1 })
  expect(await newer.load(journal)).toMatchObject({ ok: true, value: { rows: [{ update: edit }] } })
  expect(partings).toEqual(['upgrade'])
  expect(await older.load(journal)).toEqual({ ok: false, error: { kind: 'closed' } })
  expect(await tab(name).open()).toEqual({ ok: false, error: { kind: 'newer', version: SCHEMA_VERSION + 1 } })
})

test('[LG30] blocked by a tab that will not let go, and free once it has', async () => {
  const name = freshName()
  await tab(name).appendLocal(journal, edit)
  const frozen = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const newer = tab(name, { version: SCHEMA_VERSION + 1 })
  expect(await newer.open()).toEqual({ ok: false, error: { kind: 'blocked' } })
  frozen.close()
  await expect.poll(() => newer.open()).toMatchObject({ ok: true })
})

test('[LG31] [LG32] a database that went without being erased is told as evicted', async () => {
  const name = freshName()
  const flag = `${name}/kept`
  const marker = {
    isSet: () => localStorage.getItem(flag) !== null,
    set: () => localStorage.setItem(flag, '1'),
    clear: () => localStorage.removeItem(flag)
  }
  const before = tab(name, { marker })
  await before.appendLocal(journal, edit)
  await before.close()
  await new Promise((resolve) => {
    indexedDB.deleteDatabase(name).onsuccess = resolve
  })
  const after = tab(name, { marker })
  expect(await after.load(journal)).toEqual({ ok: false, error: { kind: 'evicted' } })
  expect((await indexedDB.databases()).map((each) => each.name)).not.toContain(name)
  expect(await after.beginAgain()).toMatchObject({ ok: true })
  expect(await after.destroy()).toMatchObject({ ok: true })
  expect(await tab(name, { marker }).open()).toMatchObject({ ok: true })
})

test('[LG37] [LG38] [LG41] of tabs with real locks one leads, another can take the lead, and a closed one hands it on', async () => {
  const name = freshName()
  let ticks: (() => void)[] = []
  let now = 0
  const lead = (visible: boolean): Leadership => {
    const leadership = createLeadership({
      name,
      locks: navigator.locks,
      channel: new BroadcastChannel(name),
      clock: {
        mono: () => now,
        setTimer: (_ms, fire) => {
          ticks = [...ticks, fire]
          return () => {
            ticks = ticks.filter((each) => each !== fire)
          }
        }
      },
      visible: () => visible
    })
    onTestFinished(() => leadership.close())
    return leadership
  }
  const first = lead(false)
  await expect.poll(() => first.state()).toBe('leading')
  const second = lead(true)
  // The first tab is frozen: its timer is taken from it. The second one's clock goes on.
  ticks = ticks.slice(1)
  for (let n = 0; n < 6; n++) {
    now += 2_000
    const due = ticks
    ticks = []
    for (const fire of due) fire()
  }
  await expect.poll(() => [first.state(), second.state()]).toEqual(['waiting', 'leading'])
  const third = lead(true)
  second.close()
  await expect.poll(() => third.state()).toBe('leading')
})
