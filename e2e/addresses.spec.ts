import { expect } from '@playwright/test'
import { test } from './harness/council.ts'
import { begin, expectLine, expectOnRelay, finish, goTo, readPhrase, takeOver, writeLine } from './harness/person.ts'

test('over plain http on a name that is not localhost it breathes, and says why it keeps nothing', async ({
  council
}) => {
  const relay = await council.relay({
    env: (port) => ({ PUBLIC_URL: `http://council.test:${port}`, ADMISSION: 'open' })
  })
  const device = await council.device({ args: ['--host-resolver-rules=MAP council.test 127.0.0.1'] })
  const page = await device.page(`http://council.test:${relay.port}`)
  await expect(page.getByText('This address is not secure (http)', { exact: false })).toBeVisible()
  await begin(page)
  await finish(page)
})

test('behind a proxy, under the proxy’s address, two devices keep in step', async ({ council }) => {
  const proxy = await council.proxy()
  const relay = await council.relay({ env: () => ({ PUBLIC_URL: proxy.url, TRUST_PROXY: '1' }) })
  proxy.aim(relay.port)
  const onA = await (await council.device()).page(proxy.url)
  await writeLine(onA, 'through the proxy')
  await expectOnRelay(onA)
  const words = await readPhrase(onA)
  const onB = await (await council.device()).page(proxy.url)
  await takeOver(onB, words, proxy.url)
  await goTo(onB, 'Journal')
  await expectLine(onB, 'through the proxy')
})
