import type { Page } from 'playwright-core'
import { expectOnRelay, lookElsewhere, readPhrase, takeOver, writeLine } from '#e2e/harness/person.ts'
import type { Camera } from './camera.ts'
import { fieldStates } from './screens-field.ts'
import { withDevice, withRelay } from './screens-parts.ts'
import { relayStates } from './screens-relays.ts'

/** Screens that only trouble, another device or a word of the host brings about. */

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

export const states = async (camera: Camera): Promise<void> => {
  await withRelay({}, async (url) => {
    await backups(camera, url)
    await erased(camera, url)
    await evicted(camera, url)
  })
  await voucher(camera)
  await relayStates(camera)
  await fieldStates(camera)
}
