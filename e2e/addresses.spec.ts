import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { makeCertificate } from './harness/certificate.ts'
import { test } from './harness/council.ts'
import {
  begin,
  expectLine,
  expectOnRelay,
  expectSafe,
  expectWhole,
  finish,
  goTo,
  readPhrase,
  takeOver,
  writeLine
} from './harness/person.ts'

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

test('over TLS, on a name that is not localhost, it keeps, opens offline and syncs', async ({ council }) => {
  const folder = mkdtempSync(join(tmpdir(), 'council-tls-'))
  const { certPath, keyPath, browserArg } = makeCertificate(folder, 'council.test')
  const relay = await council.relay({
    tls: true,
    env: (port) => ({
      TLS_CERT: certPath,
      TLS_KEY: keyPath,
      PUBLIC_URL: `https://council.test:${port}`,
      ADMISSION: 'open'
    })
  })
  const url = `https://council.test:${relay.port}`
  const args = [browserArg, '--host-resolver-rules=MAP council.test 127.0.0.1']
  const a = await council.device({ args })
  const onA = await a.page(url)
  await expectWhole(onA)
  await a.context().setOffline(true)
  await onA.reload()
  await writeLine(onA, 'sealed, and over TLS')
  await a.context().setOffline(false)
  await expectOnRelay(onA)
  const words = await readPhrase(onA)
  const onB = await (await council.device({ args })).page(url)
  await takeOver(onB, words, url)
  await goTo(onB, 'Journal')
  await expectLine(onB, 'sealed, and over TLS')
  rmSync(folder, { recursive: true })
})

test('a relay that asks for a word takes a new journal with it, and says what it waits for without', async ({
  council
}) => {
  const relay = await council.relay({
    env: () => ({ VOUCHERS: 'a-word-for-my-people', HOST_CONTACT: 'anna@council.test' })
  })
  const onA = await (await council.device()).page(relay.url)
  await writeLine(onA, 'waits for the word')
  await expectSafe(onA, /takes no new journals without an invitation/)
  await expect(onA.getByRole('link', { name: 'anna@council.test' })).toHaveAttribute('href', 'mailto:anna@council.test')
  const word = onA.getByRole('textbox', { name: "The host's invitation word" })
  const problem = onA.getByRole('alert').filter({ hasText: 'The relay did not take this word.' })
  await expect(problem).toHaveCount(0)
  await word.fill('a-word-for-others')
  await onA.getByRole('button', { name: 'Use this word' }).click()
  await expect(problem).toBeVisible({ timeout: 30_000 })
  await expect(problem).toContainText('your journal is safe on this device')
  await expect(word).toHaveAttribute('aria-invalid', 'true')
  await expect(word).toHaveValue('a-word-for-others')
  await word.fill('a-word-for-my-people')
  await expect(problem).toHaveCount(0)
  await onA.getByRole('button', { name: 'Use this word' }).click()
  await expectOnRelay(onA)
  // Who has begun goes on without: the second device needs only the phrase.
  const onB = await (await council.device()).page(relay.url)
  await takeOver(onB, await readPhrase(onA), relay.url)
  await goTo(onB, 'Journal')
  await expectLine(onB, 'waits for the word')
})
