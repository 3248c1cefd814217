import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import * as Y from 'yjs'
import { createOpenRoom } from '#app/sync/open-room.ts'
import { createReporter } from '#app/sync/open-room-reporter.ts'
import { FIELD_MAPS, fieldMonthAt, fieldRoom } from '#core/field.ts'
import { hourKey } from '#core/field-counts.ts'
import { begin, expectWhole, goTo } from '#e2e/harness/person.ts'
import type { Relay } from '#e2e/harness/relay.ts'
import { beside } from '#server/ops/key-file.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import { openSqliteLog } from '#server/storage/sqlite/sqlite-log.ts'
import type { Camera } from './camera.ts'
import { mirrored, withDevice, withRelays } from './screens-parts.ts'

/** The field: nobody, one, many, what was known last; chosen and not. */

/** A month that looks like a small community's: more people in the morning and in the evening. */
const writeField = async (path: string): Promise<void> => {
  const opened = await openSqliteLog({
    path,
    ledgerPath: beside(path, 'erasures'),
    now: Date.now,
    rootBytes: 1e9,
    roomBytes: 1e9,
    synchronous: 'OFF'
  })
  if (!opened.ok) throw new Error(opened.error)
  const hourNow = Math.floor(Date.now() / 3_600_000)
  const docs = new Map<string, Y.Doc>()
  for (let hour = hourNow - 29 * 24; hour < hourNow; hour++) {
    const room = fieldRoom(fieldMonthAt(hour * 3_600))
    const doc = docs.get(room) ?? new Y.Doc()
    docs.set(room, doc)
    const minutes = [7, 8, 20, 21].includes(hour % 24) ? 40 + ((hour * 7) % 90) : hour % 5 === 0 ? 8 : 0
    if (minutes > 0) doc.getMap(FIELD_MAPS.hours).set(hourKey(hour, 'gallery'), minutes * 60)
  }
  const rows = [...docs].map(([room, doc]) => ({ room: room as RoomName, bytes: Y.encodeStateAsUpdate(doc) }))
  await opened.value.updates.append(rows)
  await opened.value.close()
}

/** People without screens, who practise and let themselves be counted. @returns how they leave */
const crowd = (relay: Relay, people: number): (() => void) => {
  const rooms = Array.from({ length: people }, () => {
    const room = createOpenRoom({
      relay: relay.url.replace('http', 'ws'),
      room: fieldRoom(fieldMonthAt(Date.now() / 1_000)),
      doc: new Y.Doc()
    })
    const reporter = createReporter({
      room: { isConnected: () => room.get() !== 'connecting', say: room.say },
      mono: () => performance.now(),
      setTimer: (ms, run) => {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
      newId: () => randomBytes(16).toString('base64url'),
      claimed: { until: () => 0, keep: () => {} },
      onTime: () => {}
    })
    room.onSaid(reporter.heard)
    room.subscribe(() => room.get() === 'connected' && reporter.connected())
    reporter.practise(true)
    return { room, reporter }
  })
  return () => {
    for (const { room, reporter } of rooms) {
      reporter.practise(false)
      room.close()
    }
  }
}

const heading = (page: Page, words: string) =>
  page.getByRole('heading', { level: 1, name: words }).waitFor({ timeout: 40_000 })

const oneAndMany = async (camera: Camera, page: Page, there: Page, relay: Relay): Promise<void> => {
  await goTo(there, 'Field')
  const choice = there.getByRole('switch', { name: 'Count me while I practise' })
  await choice.click()
  await camera.everySize(there, '21-field-chosen')
  await goTo(there, 'Breathe')
  await begin(there)
  await heading(page, 'One person is practising now')
  await page.getByText('The last 30 days').waitFor()
  await camera.everySize(page, '21-field-one')
  const leave = crowd(relay, 22)
  await heading(page, '23 people are practising now')
  await camera.everySize(page, '21-field-many')
  leave()
  await page.getByText('What is sent, and who sees it').click()
  await page.getByText('As a table').first().click()
  await camera.everySize(page, '21-field-opened')
}

export const fieldStates = (camera: Camera): Promise<void> =>
  withRelays([{}], async (only) => {
    const relay = only as Relay
    await withDevice(async (device) => {
      const page = await device.page(relay.url)
      await expectWhole(page)
      await goTo(page, 'Field')
      await heading(page, 'Nobody is being counted now')
      await camera.everySize(page, '21-field-nobody')
      await relay.stop()
      await writeField(join(relay.folder, 'council.db'))
      await relay.start()
      await withDevice(async (other) => {
        const there = await other.page(relay.url)
        await oneAndMany(camera, page, there, relay)
        await mirrored(camera, page)
        await camera.open(page, '/field')
        await page.locator('.lights').waitFor({ timeout: 40_000 })
        await camera.phoneAndDesktop(page, '21-field-right-to-left')
        await camera.open(page, '/settings/language')
        await page.getByRole('radio', { name: 'English' }).click()
        await camera.open(page, '/field')
        await page.locator('.lights').waitFor({ timeout: 40_000 })
        await there.goBack()
        await relay.kill()
        await heading(page, 'was practising')
        await camera.everySize(page, '21-field-away')
      })
    })
  })
