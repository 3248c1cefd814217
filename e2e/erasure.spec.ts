import { expect } from '@playwright/test'
import { test } from './harness/council.ts'
import {
  expectLine,
  expectNoLine,
  expectOnRelay,
  expectSafe,
  expectWhole,
  goTo,
  lookElsewhere,
  openSettings,
  readPhrase,
  takeOver,
  writeLine
} from './harness/person.ts'

test('erased everywhere, with a receipt; a late device is told and does not bring it back', async ({ council }) => {
  const relay = await council.relay()
  const onA = await (await council.device()).page(relay.url)
  await writeLine(onA, 'to be forgotten')
  await expectOnRelay(onA)
  const words = await readPhrase(onA)
  const late = await council.device()
  const onLate = await late.page(relay.url)
  await takeOver(onLate, words, relay.url)
  await goTo(onLate, 'Journal')
  await expectLine(onLate, 'to be forgotten')
  await expectWhole(onLate)
  await late.quit()

  await openSettings(onA, 'erase')
  await onA.getByRole('button', { name: 'Erase everywhere' }).click()
  await onA.getByRole('dialog').getByRole('button', { name: 'Erase everywhere' }).click()
  await expect(onA.getByRole('textbox', { name: 'The signed receipt' })).not.toHaveValue('', { timeout: 30_000 })

  await late.launch()
  const back = await late.page(relay.url)
  await expectSafe(back, /This journal was erased from another device/)

  const fresh = await (await council.device()).page(relay.url)
  await lookElsewhere(fresh, words, relay.url)
  await expect(fresh.getByText('The journal under these words was erased.', { exact: false })).toBeVisible({
    timeout: 30_000
  })
})

test('this device erased: nothing is left in the browser, and the words bring it back', async ({ council }) => {
  const relay = await council.relay()
  const page = await (await council.device()).page(relay.url)
  await writeLine(page, 'kept by the relay')
  await expectOnRelay(page)
  const words = await readPhrase(page)
  await openSettings(page, 'erase')
  await page.getByRole('button', { name: 'Erase this device' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Erase this device' }).click()
  await expect(page.getByRole('heading', { name: 'Breathe in as the light opens, out as it closes.' })).toBeVisible({
    timeout: 30_000
  })
  await goTo(page, 'Journal')
  await expectNoLine(page, 'kept by the relay')
  await takeOver(page, words, relay.url)
  await goTo(page, 'Journal')
  await expectLine(page, 'kept by the relay')
})
