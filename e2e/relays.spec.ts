import { expect, type Page } from '@playwright/test'
import { type Council, test } from './harness/council.ts'
import {
  expectLine,
  expectOnRelay,
  expectSafe,
  expectWhole,
  goTo,
  openSettings,
  readPhrase,
  takeOver,
  writeLine
} from './harness/person.ts'
import { freePort, type Relay } from './harness/relay.ts'

/** A journal on two relays that know nothing of each other: two processes, two databases. */

const TIMEOUT = { timeout: 60_000 }

/** The page of each may dial the other, and each takes people from the other's page. */
const twoRelays = async (council: Council): Promise<readonly [Relay, Relay]> => {
  let other = ''
  const first = await council.relay({ env: () => ({ CONNECT_ORIGINS: other }) })
  const second = await council.relay({ env: () => ({ CONNECT_ORIGINS: first.url }) })
  other = second.url
  await first.stop()
  await first.start()
  return [first, second]
}

const hostOf = ({ url }: { readonly url: string }): string => new URL(url).host

const rowOf = (page: Page, relay: { readonly url: string }) =>
  page
    .getByRole('main')
    .getByRole('listitem')
    .filter({ hasText: hostOf(relay) })

const typeRelay = async (page: Page, relay: { readonly url: string }): Promise<void> => {
  await openSettings(page, 'safety')
  await page.getByRole('textbox', { name: 'Another relay' }).fill(hostOf(relay))
  await page.getByRole('button', { name: 'Add this relay' }).click()
}

const addRelay = async (page: Page, relay: { readonly url: string }): Promise<void> => {
  await typeRelay(page, relay)
  await expect(rowOf(page, relay)).toBeVisible(TIMEOUT)
}

/** What the page says of one relay. */
const expectSaid = async (page: Page, relay: { readonly url: string }, words: RegExp): Promise<void> => {
  await openSettings(page, 'safety')
  await expect(rowOf(page, relay).getByText(words)).toBeVisible(TIMEOUT)
}

const expectOnBoth = (page: Page): Promise<void> => expectSafe(page, /^Safe on this device(?: and|,) 2 relays/)

for (const lost of ['first', 'second'] as const) {
  test(`a journal on two relays survives the loss of the ${lost} for ever`, async ({ council }) => {
    const [first, second] = await twoRelays(council)
    const [gone, left] = lost === 'first' ? [first, second] : [second, first]
    const onA = await (await council.device()).page(first.url)
    await writeLine(onA, 'before there were two')
    await expectOnRelay(onA)
    await addRelay(onA, second)
    await expectOnBoth(onA)
    await writeLine(onA, 'on both')
    await expectOnBoth(onA)
    for (const relay of [first, second]) await expectSaid(onA, relay, /^has everything$/)
    const words = await readPhrase(onA)
    await expectWhole(onA)

    await gone.kill()
    gone.replaceDatabase(null)
    await writeLine(onA, 'after the loss')
    await expectSafe(onA, /^Safe on this device(?: and|,) 1 of 2 relays/)
    await expectSaid(onA, gone, /^not reached since .*1 change waits/)
    await expectSaid(onA, left, /^has everything$/)

    const onB = await (await council.device()).page(left.url)
    await takeOver(onB, words, left.url)
    await goTo(onB, 'Journal')
    for (const line of ['before there were two', 'on both', 'after the loss']) await expectLine(onB, line)
    await expectSaid(onB, gone, /^not reached|^connecting$/)
    await expectSaid(onB, left, /^has everything$/)
  })
}

test('a relay that comes back with nothing is filled, also with what another device brought to the other one', async ({
  council
}) => {
  const [first, second] = await twoRelays(council)
  const onA = await (await council.device()).page(first.url)
  await writeLine(onA, 'from A')
  await expectOnRelay(onA)
  await addRelay(onA, second)
  await expectOnBoth(onA)
  const words = await readPhrase(onA)
  const onB = await (await council.device()).page(second.url)
  await takeOver(onB, words, second.url)
  await expectOnBoth(onB)

  await first.kill()
  first.replaceDatabase(null)
  await writeLine(onB, 'from B, while the first was away')
  await expectSafe(onB, /1 of 2 relays/)
  await first.start()
  await expectOnBoth(onA)
  await expectOnBoth(onB)
  await second.kill()
  second.replaceDatabase(null)
  const onC = await (await council.device()).page(first.url)
  await takeOver(onC, words, first.url)
  await goTo(onC, 'Journal')
  for (const line of ['from A', 'from B, while the first was away']) await expectLine(onC, line)
})

test('a relay is removed, and what is erased everywhere is erased there too', async ({ council }) => {
  const [first, second] = await twoRelays(council)
  const onA = await (await council.device()).page(first.url)
  await writeLine(onA, 'on both for a while')
  await expectOnRelay(onA)
  await addRelay(onA, second)
  await expectOnBoth(onA)
  await onA.getByRole('button', { name: `Remove ${hostOf(second)}` }).click()
  const asked = onA.getByRole('dialog', { name: `Stop keeping your journal on ${hostOf(second)}?` })
  await expect(asked.getByText('What it has stays there, sealed', { exact: false })).toBeVisible()
  await asked.getByRole('button', { name: 'Remove' }).click()
  await expectOnRelay(onA)
  await expect(onA.getByText(hostOf(second))).toHaveCount(0)

  await openSettings(onA, 'erase')
  await onA.getByRole('button', { name: 'Erase everywhere' }).click()
  await onA.getByRole('dialog').getByRole('button', { name: 'Erase everywhere' }).click()
  for (const relay of [first, second])
    await expect(onA.getByText(`${hostOf(relay)} has erased everything`, { exact: false })).toBeVisible(TIMEOUT)
})

test('what is no address is told at its field, and nothing is changed; who removes one reads on at the others', async ({
  council
}) => {
  const [first, second] = await twoRelays(council)
  const page = await (await council.device()).page(first.url)
  await writeLine(page, 'on the first')
  await expectOnRelay(page)
  const field = page.getByRole('textbox', { name: 'Another relay' })
  for (const [typed, said] of [
    ['two words.example', /^This is not an address\. Nothing was changed\./],
    ['javascript:alert(1)', /^This is not an address/],
    ['x'.repeat(3_000), /^This is not an address/],
    [hostOf(first).toUpperCase(), /^This relay is among yours already/]
  ] as const) {
    await field.fill(typed)
    await field.press('Enter')
    await expect(page.getByRole('alert').filter({ hasText: said })).toBeVisible()
    await expect(field).toBeFocused()
    await expect(field).toHaveAccessibleDescription(new RegExp(said.source.slice(1)))
  }
  await expect(page.getByRole('button', { name: /^Remove/ })).toHaveCount(1)

  await addRelay(page, second)
  await expectOnBoth(page)
  await page.getByRole('button', { name: `Remove ${hostOf(second)}` }).press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).press('Enter')
  await expect(page.getByRole('heading', { name: 'Relays' })).toBeFocused()
  await expect(page.getByText(`${hostOf(second)} is removed.`, { exact: false })).toHaveCount(1)
})

test('a relay that is added under another of its names is told as the same, and counts once', async ({ council }) => {
  const port = await freePort()
  const twin = `127.0.0.1:${port}`
  const relay = await council.relay({ port, env: () => ({ CONNECT_ORIGINS: `http://${twin}` }) })
  const page = await (await council.device()).page(relay.url)
  await writeLine(page, 'kept once')
  await expectOnRelay(page)
  await typeRelay(page, { url: `http://${twin}` })
  await expect(page.getByText('the two count as one', { exact: false })).toBeVisible(TIMEOUT)
  await expectOnRelay(page)
})

test('a relay that the page’s policy does not name is not chosen, and it is said why', async ({ council }) => {
  const [first, second] = [await council.relay(), await council.relay()]
  const device = await council.device({ mayComplain: /Content Security Policy/ })
  const page = await device.page(first.url)
  await writeLine(page, 'on the first')
  await expectOnRelay(page)
  await typeRelay(page, second)
  await expect(page.getByText('This page may not talk to that relay.', { exact: false })).toBeVisible(TIMEOUT)
  await expect(page.getByText(hostOf(second))).toHaveCount(0)
})
