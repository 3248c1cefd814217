import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import * as Y from 'yjs'
import { FIELD_MAPS, fieldMonthAt, fieldRoom } from '#core/field.ts'
import { hourKey } from '#core/field-counts.ts'
import {
  begin,
  expectOnRelay,
  expectWhole,
  goTo,
  lookElsewhere,
  readPhrase,
  takeOver,
  writeLine
} from '#e2e/harness/person.ts'
import { openProfile, type Profile } from '#e2e/harness/profile.ts'
import { startRelay } from '#e2e/harness/relay.ts'
import { beside } from '#server/ops/key-file.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import { openSqliteLog } from '#server/storage/sqlite/sqlite-log.ts'
import type { Camera } from './camera.ts'

/** Screens that only trouble, another device or a word of the host brings about. */

const withDevice = async (use: (device: Profile) => Promise<void>): Promise<void> => {
  const device = await openProfile()
  try {
    await use(device)
  } finally {
    await device.remove()
  }
}

const withRelay = async (env: Readonly<Record<string, string>>, use: (url: string) => Promise<void>): Promise<void> => {
  const relay = await startRelay({ env: () => env })
  try {
    await use(relay.url)
  } finally {
    await relay.kill()
    rmSync(relay.folder, { recursive: true, force: true })
  }
}

/** The browser clears the database; what stands outside it stays. */
const evict = async (page: Page): Promise<void> => {
  const session = await page.context().newCDPSession(page)
  const { origin } = new URL(page.url())
  await page.goto('about:blank')
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
  await page.goto(origin)
}

const words = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'.split(' ')

const backups = (camera: Camera, url: string): Promise<void> =>
  withDevice(async (device) => {
    const page = await device.page(url)
    await writeLine(page, 'kept in a file')
    await camera.open(page, '/settings/backup')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save a sealed file' }).click()
    const file = await (await download).path()
    await page.getByLabel('Read a backup file').setInputFiles(file)
    await page.getByText('already here', { exact: false }).waitFor()
    await camera.everySize(page, '16-backup-read')
    await withDevice(async (other) => {
      const there = await other.page(`${url}/settings/backup`)
      await there.getByLabel('Read a backup file').setInputFiles(file)
      const text = there.getByRole('textbox', { name: 'The words it was sealed under' })
      await text.waitFor()
      await camera.everySize(there, '16-backup-other-words')
      await text.fill(words.slice(1).join(' '))
      await there.getByRole('button', { name: 'Open with these words' }).click()
      await camera.everySize(there, '16-backup-other-words-wrong')
    })
  })

const erased = (camera: Camera, url: string): Promise<void> =>
  withDevice(async (device) => {
    const page = await device.page(url)
    await writeLine(page, 'to be forgotten')
    await expectOnRelay(page)
    const phrase = await readPhrase(page)
    await withDevice(async (late) => {
      const onLate = await late.page(url)
      await writeLine(onLate, 'was here before')
      await lookElsewhere(onLate, phrase, url)
      await onLate.getByRole('button', { name: /^Bring/ }).waitFor()
      await camera.everySize(onLate, '17-elsewhere-found')
      await onLate.getByText('instead', { exact: false }).first().click()
      await camera.onPhone(onLate, '17-elsewhere-discard')
      await takeOver(onLate, phrase, url)
      await camera.onPhone(onLate, '17-elsewhere-done')
      await camera.open(page, '/settings/erase')
      await page.getByRole('button', { name: 'Erase everywhere' }).click()
      await camera.everySize(page, '18-erase-asked')
      await page.getByRole('dialog').getByRole('button', { name: 'Erase everywhere' }).click()
      await page.getByRole('textbox', { name: 'The signed receipt' }).waitFor({ timeout: 30_000 })
      await camera.everySize(page, '18-erased')
      await camera.open(onLate, '/settings/safety')
      await onLate.getByText('This journal was erased', { exact: false }).first().waitFor({ timeout: 30_000 })
      await camera.everySize(onLate, '18-erased-elsewhere')
      await camera.open(onLate, '/settings/erase')
      await onLate.getByRole('button', { name: 'Begin a new journal' }).waitFor({ timeout: 30_000 })
      await camera.onPhone(onLate, '18-erased-elsewhere-what-now')
    })
  })

const evicted = (camera: Camera, url: string): Promise<void> =>
  withDevice(async (device) => {
    const page = await device.page(url)
    await writeLine(page, 'cleared by the browser')
    await evict(page)
    await page.getByText('The browser has cleared', { exact: false }).waitFor()
    await camera.everySize(page, '19-evicted')
  })

const voucher = (camera: Camera): Promise<void> =>
  withRelay({ VOUCHERS: 'a-word-for-my-people', HOST_CONTACT: 'mailto:host@council.example' }, (url) =>
    withDevice(async (device) => {
      const page = await device.page(url)
      await writeLine(page, 'waits for a word')
      await camera.open(page, '/settings/safety')
      const word = page.getByRole('textbox', { name: /word/i }).first()
      await word.waitFor({ timeout: 30_000 })
      await camera.everySize(page, '20-voucher')
      await word.fill('not the word')
      await page
        .getByRole('button', { name: /give|use/i })
        .first()
        .click()
      await page.getByText('did not take this word', { exact: false }).waitFor({ timeout: 30_000 })
      await camera.onPhone(page, '20-voucher-wrong')
    })
  )

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

const mirrored = async (camera: Camera, page: Page): Promise<void> => {
  await camera.open(page, '/settings/language?mirror')
  await page.getByRole('radio', { name: 'Mirrored (to try the layout)' }).click()
}

const field = async (camera: Camera): Promise<void> => {
  const relay = await startRelay()
  const heading = (page: Page, words: string) =>
    page.getByRole('heading', { level: 1, name: words }).waitFor({ timeout: 40_000 })
  try {
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
        const there = await other.page(`${relay.url}/field`)
        await there.getByRole('switch', { name: 'Count me while I practise' }).click()
        await goTo(there, 'Breathe')
        await begin(there)
        await heading(page, 'One person is practising now')
        await page.getByText('The last 30 days').waitFor()
        await camera.everySize(page, '21-field')
        await page.getByText('What is sent, and who sees it').click()
        await page.getByText('As a table').first().click()
        await camera.everySize(page, '21-field-opened')
        await there.goBack()
        await relay.kill()
        await heading(page, 'One person was practising')
        await camera.everySize(page, '21-field-away')
        await mirrored(camera, page)
        await camera.open(page, '/field')
        await camera.onPhone(page, '21-field-away-right-to-left')
      })
    })
  } finally {
    await relay.kill()
    rmSync(relay.folder, { recursive: true, force: true })
  }
}

export const states = async (camera: Camera): Promise<void> => {
  await withRelay({}, async (url) => {
    await backups(camera, url)
    await erased(camera, url)
    await evicted(camera, url)
  })
  await voucher(camera)
  await field(camera)
}
