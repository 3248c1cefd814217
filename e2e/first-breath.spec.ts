import { expect } from '@playwright/test'
import { test } from './harness/council.ts'
import {
  begin,
  deleteLine,
  editLine,
  expectLine,
  expectNoLine,
  expectOnRelay,
  expectPhase,
  expectWhole,
  finish,
  goTo,
  practise,
  writeLine
} from './harness/person.ts'

test('two taps from the first open to the first breath', async ({ council }) => {
  const relay = await council.relay()
  const page = await (await council.device({ phone: true })).page(relay.url)
  await begin(page)
  await finish(page)
  await page.getByRole('button', { name: 'Keep', exact: true }).click()
  await goTo(page, 'Journal')
  await expect(page.getByRole('main').getByRole('link').filter({ hasText: 'Calm breath' })).toHaveCount(1)
})

test('offline: reload, deep link, practise, write, edit, delete, restart the browser, and all is there', async ({
  council
}) => {
  const relay = await council.relay()
  const device = await council.device()
  let page = await device.page(relay.url)
  await expectWhole(page)
  await relay.kill()
  await device.context().setOffline(true)

  await page.reload()
  await practise(page, 'breathed in a tunnel')
  await writeLine(page, 'a line to change')
  await editLine(page, 'a line to change', 'a line changed offline')
  await writeLine(page, 'a line to delete')
  await deleteLine(page, 'a line to delete')

  await page.goto(`${relay.url}/journal`)
  await expectLine(page, 'breathed in a tunnel')
  await expectLine(page, 'a line changed offline')
  await expectNoLine(page, 'a line to delete')

  await device.quit()
  await device.launch()
  await device.context().setOffline(true)
  page = await device.page(`${relay.url}/journal`)
  await expectLine(page, 'breathed in a tunnel')
  await expectLine(page, 'a line changed offline')
  await expectNoLine(page, 'a line to delete')

  await device.context().setOffline(false)
  await relay.start()
  await expectOnRelay(page)
})

test('a deleted line comes back by Undo', async ({ council }) => {
  const relay = await council.relay()
  const page = await (await council.device()).page(relay.url)
  await writeLine(page, 'taken back')
  await deleteLine(page, 'taken back')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expectLine(page, 'taken back')
})

test('a practice cut short by a reload can be gone on with, or is kept as far as it went', async ({ council }) => {
  const relay = await council.relay()
  const device = await council.device()
  const page = await device.page(relay.url)
  await begin(page)
  await expectPhase(page, 'Breathe out')
  await page.reload()
  await page.goto(relay.url)
  await expect(page.getByRole('heading', { name: 'You were breathing' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Go on' })).toBeVisible()
  await page.getByRole('button', { name: 'Keep it as far as it went' }).click()
  await goTo(page, 'Journal')
  await expect(page.getByRole('main').getByRole('link').filter({ hasText: 'Calm breath' })).toHaveCount(1)
})
