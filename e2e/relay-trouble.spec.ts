import { expect } from '@playwright/test'
import { test } from './harness/council.ts'
import {
  expectLine,
  expectOnRelay,
  expectSafe,
  expectWhole,
  goTo,
  readPhrase,
  takeOver,
  writeLine
} from './harness/person.ts'

test('the relay is killed in the middle of a push: nothing is lost, nothing is doubled', async ({ council }) => {
  const proxy = await council.proxy()
  const relay = await council.relay({ env: () => ({ PUBLIC_URL: proxy.url }) })
  proxy.aim(relay.port)
  const onA = await (await council.device()).page(proxy.url)
  await writeLine(onA, 'line 0')
  await expectOnRelay(onA)
  const words = await readPhrase(onA)
  await goTo(onA, 'Journal')
  // Each round lets another part of the exchange through before everything dies.
  for (const [round, bytes] of [0, 150, 600].entries()) {
    proxy.cutAfter(bytes)
    await writeLine(onA, `line ${round + 1}`)
    await relay.kill()
    proxy.cut(true)
    await writeLine(onA, `line ${round + 1} while it is away`)
    await relay.start()
    proxy.cut(false)
    await expectOnRelay(onA)
    await goTo(onA, 'Journal')
  }
  const onB = await (await council.device()).page(proxy.url)
  await takeOver(onB, words, proxy.url)
  await goTo(onB, 'Journal')
  for (const round of [1, 2, 3]) for (const line of [`line ${round} while it is away`]) await expectLine(onB, line)
  await expect(
    onB
      .getByRole('main')
      .getByRole('link')
      .filter({ hasText: /^.*line \d/ })
  ).toHaveCount(7)
})

for (const copy of ['older', 'empty'] as const) {
  test(`the relay's database is replaced by an ${copy} one: the device restores it, nothing lost, nothing doubled`, async ({
    council
  }) => {
    const relay = await council.relay()
    const onA = await (await council.device()).page(relay.url)
    await writeLine(onA, 'before the copy')
    await expectOnRelay(onA)
    await relay.stop()
    relay.keepCopy('older')
    await relay.start()
    await goTo(onA, 'Journal')
    await writeLine(onA, 'after the copy')
    await expectOnRelay(onA)
    const words = await readPhrase(onA)

    await relay.stop()
    relay.replaceDatabase(copy === 'older' ? 'older' : null)
    await relay.start()
    await goTo(onA, 'Journal')
    await writeLine(onA, 'after the loss')
    await expectOnRelay(onA)
    if (copy === 'older')
      await expect(
        onA.getByText('The relay had lost a part of your journal. Your device has given it back.')
      ).toBeVisible()

    // A device that only knows the relay sees the whole journal again.
    const onB = await (await council.device()).page(relay.url)
    await takeOver(onB, words, relay.url)
    await goTo(onB, 'Journal')
    for (const line of ['before the copy', 'after the copy', 'after the loss']) await expectLine(onB, line)
  })
}

test('a relay that is away: what waits is counted, said why, and goes when it answers', async ({ council }) => {
  const relay = await council.relay()
  const page = await (await council.device()).page(relay.url)
  await expectWhole(page)
  await writeLine(page, 'first')
  await expectOnRelay(page)
  await relay.kill()
  await goTo(page, 'Journal')
  await writeLine(page, 'second')
  await expectSafe(page, /^On this device; 1 change waits for the relay$/)
  await expect(page.getByText('The relay is not reached.', { exact: false })).toBeVisible()
  await relay.start()
  await expectOnRelay(page)
})
