import { expect, type Page } from '@playwright/test'
import { test } from './harness/council.ts'
import { begin, expectWhole, finish, goTo } from './harness/person.ts'

/** Counts go out every five seconds, and a claim lasts ten. */
const SOON = { timeout: 60_000 }

// Claims, counts and their ends each take their seconds, one after the other.
test.setTimeout(180_000)

const letCount = async (page: Page): Promise<void> => {
  await goTo(page, 'Field')
  const choice = page.getByRole('switch', { name: 'Count me while I practise' })
  await expect(choice).not.toBeChecked()
  await choice.check()
  await goTo(page, 'Breathe')
}

const expectField = async (page: Page, words: string): Promise<void> => {
  await expect(page.getByRole('heading', { level: 1, name: words })).toBeVisible(SOON)
}

test('[FI8] [FI9] two who chose it are seen by a third while they practise; who did not choose is not counted', async ({
  council
}) => {
  const relay = await council.relay()
  const open = async (): Promise<Page> => (await council.device()).page(relay.url)
  const [alice, bob, carol, dave] = [await open(), await open(), await open(), await open()]
  await goTo(dave, 'Field')
  await expectField(dave, 'Nobody is being counted now')
  for (const each of [alice, bob]) await letCount(each)
  for (const each of [alice, bob, carol]) await begin(each)
  await expectField(dave, '2 people are practising now')

  // Ended in the app, and by a page that is gone without a word.
  await finish(alice)
  await expectField(dave, 'One person is practising now')
  await bob.close()
  await expectField(dave, 'Nobody is being counted now')
  await expect(dave.getByText(/^Together, \d+ (?:seconds?|minutes?) of practice$/).first()).toBeVisible({
    timeout: 45_000
  })
})

test('[FI10] without the relay the field shows what was known last, and as of when', async ({ council }) => {
  const relay = await council.relay()
  const alice = await (await council.device()).page(relay.url)
  const dave = await (await council.device({ phone: true })).page(relay.url)
  await expectWhole(dave)
  await letCount(alice)
  await begin(alice)
  await goTo(dave, 'Field')
  await expectField(dave, 'One person is practising now')
  await relay.kill()
  await expectField(dave, 'One person was practising')
  await expect(dave.getByText(/^As of .+\. Your relay is not reached now\.$/)).toBeVisible()
  await dave.reload()
  await expectField(dave, 'One person was practising')
  await expect(dave.getByText(/^As of /)).toBeVisible()
  await relay.start()
  await expectField(dave, 'One person is practising now')
})

test('[FI11] the same as JSON, to be cached', async ({ council, request }) => {
  const relay = await council.relay()
  const answer = await request.get(`${relay.url}/field`, { headers: { accept: 'application/json' } })
  expect(answer.status()).toBe(200)
  expect(answer.headers()['cache-control']).toBe('public, max-age=5')
  const told = await answer.json()
  expect([told.peopleNow, told.hours.length, told.days.length]).toEqual([0, 24, 30])
  const etag = answer.headers().etag ?? ''
  const again = await request.get(`${relay.url}/field`, { headers: { 'if-none-match': etag } })
  expect(again.status()).toBe(304)
  const page = await request.get(`${relay.url}/field`, { headers: { accept: 'text/html,*/*' } })
  expect(page.headers()['content-type']).toContain('text/html')
})
