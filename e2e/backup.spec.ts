import { readFileSync } from 'node:fs'
import { expect } from '@playwright/test'
import { test } from './harness/council.ts'
import { deleteLine, expectLine, goTo, openSettings, readPhrase, writeLine } from './harness/person.ts'

test('a line that was deleted comes back from a sealed file; other files are refused in words', async ({ council }) => {
  const relay = await council.relay()
  const mine = await council.device()
  const page = await mine.page(relay.url)
  await writeLine(page, 'worth keeping')
  await writeLine(page, 'edited never')
  await openSettings(page, 'backup')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save a sealed file' }).click()
  const sealed = { name: 'b.sealed', mimeType: '', buffer: readFileSync(await (await download).path()) }
  expect(sealed.buffer.includes('worth keeping')).toBe(false)

  await deleteLine(page, 'worth keeping')
  await openSettings(page, 'backup')
  const input = page.getByLabel('Read a backup file')
  await input.setInputFiles(sealed)
  await expect(page.getByRole('status').getByText('1 was brought back. 1 was already here.')).toBeVisible()
  await goTo(page, 'Journal')
  await expectLine(page, 'worth keeping')
  await page.reload()
  await expectLine(page, 'worth keeping')
  await expectLine(page, 'edited never')

  const other = await council.device()
  const elsewhere = await other.page(`${relay.url}/settings/backup`)
  const there = elsewhere.getByLabel('Read a backup file')
  await there.setInputFiles(sealed)
  await expect(elsewhere.getByRole('alert')).toContainText('This file was sealed under other words')
  await elsewhere
    .getByRole('textbox', { name: 'The words it was sealed under' })
    .fill((await readPhrase(page)).join(' '))
  await elsewhere.getByRole('button', { name: 'Open with these words' }).click()
  await expect(elsewhere.getByRole('status').getByText('2 were brought back.')).toBeVisible()
  await there.setInputFiles({ name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear diary') })
  await expect(elsewhere.getByRole('alert')).toContainText('This is not a backup file of Sacred Council.')
})
