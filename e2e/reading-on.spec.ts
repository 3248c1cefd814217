import { expect } from '@playwright/test'
import { test } from './harness/council.ts'
import { begin, expectLine, expectNoLine, goTo, lookElsewhere, writeLine } from './harness/person.ts'

/** Where a button goes away with what it did, the keyboard and the screen reader are led on: never to the page's beginning. */

test('who ends a practice reads that it ends with the exhale, and then how it was', async ({ council }) => {
  const relay = await council.relay()
  const page = await (await council.device()).page(relay.url)
  await begin(page)
  await page.getByRole('button', { name: 'Finish' }).press('Enter')
  await expect(page.getByText('Ending with this exhale')).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'End now' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'How was it?' })).toBeFocused()
})

test('who keeps a line by the keyboard goes on where the next one is written', async ({ council }) => {
  const relay = await council.relay()
  const page = await (await council.device()).page(relay.url)
  await goTo(page, 'Journal')
  const field = page.getByRole('textbox', { name: 'Write a line' })
  await field.fill('a first line')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expectLine(page, 'a first line')
  await expect(field).toBeFocused()
})

test('who looks elsewhere in vain is told at the field what is wrong, and finds what they typed', async ({
  council
}) => {
  const relay = await council.relay()
  const page = await (await council.device()).page(relay.url)
  const words = [...Array.from({ length: 11 }, () => 'abandon'), 'about']
  await lookElsewhere(page, words, relay.url)
  await expect(page.getByText('holds nothing under these words', { exact: false })).toBeFocused()
  await page.getByRole('button', { name: 'Try again' }).press('Enter')
  await expect(page.getByRole('textbox', { name: 'Your twelve words' })).toHaveValue(words.join(' '))
  const address = page.getByRole('textbox', { name: 'Relay' })
  await address.fill('two words.example')
  await address.press('Enter')
  await expect(address).toBeFocused()
  await expect(address).toHaveAccessibleDescription(/This is not an address\./)
})

test('on a phone calendar and search are reached before all days', async ({ council }) => {
  const relay = await council.relay()
  const page = await (await council.device({ phone: true })).page(relay.url)
  for (let i = 1; i <= 8; i++) await writeLine(page, `line ${i} of many`)
  const lookBack = page.getByText('Calendar and search')
  await expect(lookBack).toBeInViewport()
  await expect(page.getByRole('searchbox')).toBeHidden()
  await lookBack.click()
  await expect(page.getByRole('button', { name: 'Month before' })).toBeInViewport()
  await page.getByRole('searchbox').fill('line 3')
  await expectLine(page, 'line 3 of many')
  await expectNoLine(page, 'line 4 of many')
  await expect(page.getByRole('main').getByRole('link').filter({ hasText: 'line 3' })).toBeInViewport()
})
