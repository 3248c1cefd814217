import { expect } from '@playwright/test'
import { test } from './harness/council.ts'
import {
  begin,
  expectLine,
  expectOnRelay,
  expectPhase,
  expectWhole,
  finish,
  goTo,
  writeLine
} from './harness/person.ts'

test('several tabs show the same; one that is frozen loses nothing and delays nobody', async ({ council }) => {
  const relay = await council.relay()
  const device = await council.device()
  const first = await device.page(relay.url)
  await writeLine(first, 'from the first tab')
  await expectOnRelay(first)
  await goTo(first, 'Journal')
  const second = await device.page(`${relay.url}/journal`)
  await expectLine(second, 'from the first tab')
  await writeLine(second, 'from the second tab')
  await expectLine(first, 'from the second tab')

  const session = await device.context().newCDPSession(first)
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  await writeLine(second, 'while the first was frozen')
  await expectOnRelay(second)
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  await first.bringToFront()
  await expectLine(first, 'while the first was frozen')
  await writeLine(first, 'awake again')
  await second.goto(`${relay.url}/journal`)
  for (const line of ['from the first tab', 'from the second tab', 'while the first was frozen', 'awake again'])
    await expectLine(second, line)
})

test('a disk that is full: said in words, kept on the screen, written once there is room', async ({ council }) => {
  const relay = await council.relay()
  const device = await council.device({
    // The browser's own quota override does nothing, so writing is refused where the app writes.
    initScript: () => {
      const disk = globalThis as unknown as { diskIsFull?: boolean }
      for (const verb of ['put', 'add'] as const) {
        const write = IDBObjectStore.prototype[verb]
        IDBObjectStore.prototype[verb] = function (this: IDBObjectStore, ...args: [unknown, IDBValidKey?]) {
          if (disk.diskIsFull) throw new DOMException('The quota has been exceeded.', 'QuotaExceededError')
          return write.apply(this, args)
        }
      }
    }
  })
  const page = await device.page(relay.url)
  await writeLine(page, 'while there is room')
  await page.evaluate(() => Object.assign(globalThis, { diskIsFull: true }))
  await writeLine(page, 'when the disk is full')
  await expect(page.getByRole('alert').getByText('This device has no room left.', { exact: false })).toBeVisible()
  // Whoever closes the tab now is asked, and may stay.
  const question = page.waitForEvent('dialog')
  await page.close({ runBeforeUnload: true })
  expect((await question).type()).toBe('beforeunload')
  await (await question).dismiss()
  await expectLine(page, 'when the disk is full')
  await page.evaluate(() => Object.assign(globalThis, { diskIsFull: false }))
  await page.getByRole('button', { name: 'Try again' }).first().click()
  await expect(page.getByText('This device has no room left.', { exact: false })).toHaveCount(0)
  await page.reload()
  await expectLine(page, 'while there is room')
  await expectLine(page, 'when the disk is full')
  // Once all of it is kept, nobody is asked.
  const closed = page.waitForEvent('close')
  page.on('dialog', (dialog) => {
    throw new Error(`asked for nothing: ${dialog.type()}`)
  })
  await page.close({ runBeforeUnload: true })
  await closed
})

for (const form of ['Orb', 'Ring', 'Wave', 'Words', 'less motion'] as const) {
  test(`a breath on the screen lays nothing out: ${form}`, async ({ council }) => {
    const relay = await council.relay()
    const device = await council.device()
    const page = await device.page(`${relay.url}/settings/look`)
    if (form === 'less motion') await page.emulateMedia({ reducedMotion: 'reduce' })
    else await page.getByRole('radio', { name: form, exact: true }).check({ force: true })
    await goTo(page, 'Breathe')
    await begin(page)
    await expectPhase(page, 'Breathe out')
    const session = await device.context().newCDPSession(page)
    await session.send('Performance.enable')
    const layouts = async (): Promise<number> =>
      (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'LayoutCount')?.value ?? -1
    const before = await layouts()
    await expectPhase(page, 'Breathe in')
    expect(await layouts()).toBe(before)
  })
}

test('a practice that was let go by mistake is taken back', async ({ council }) => {
  const relay = await council.relay()
  const page = await (await council.device()).page(relay.url)
  await begin(page)
  await finish(page)
  await page.getByRole('textbox', { name: 'A line, if you like' }).fill('nearly lost')
  await page.getByRole('button', { name: 'Do not keep it' }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await goTo(page, 'Journal')
  await expectLine(page, 'nearly lost')
})

test('a breath of one’s own is in view and chosen once it is made', async ({ council }) => {
  const relay = await council.relay()
  const page = await (await council.device({ phone: true })).page(`${relay.url}/patterns/new`)
  await page.getByRole('textbox', { name: 'Its name' }).fill('For the night train')
  await page.getByRole('button', { name: 'Keep', exact: true }).click()
  await expect(page.getByRole('radio', { name: /For the night train/ })).toBeChecked()
  await expect(page.getByText('For the night train')).toBeInViewport({ ratio: 1 })
})

test('it can be installed', async ({ council }) => {
  const relay = await council.relay()
  const device = await council.device()
  const page = await device.page(relay.url)
  await expectWhole(page)
  const session = await device.context().newCDPSession(page)
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
  expect(installabilityErrors).toEqual([])
})

test('a new version waits for a tap, never interrupts a practice, and reaches every tab', async ({ council }) => {
  let version = 1
  const proxy = await council.proxy({
    rewrite: (path, body) =>
      path === '/sw.js' && version > 1 ? Buffer.concat([body, Buffer.from(`\n// version ${version}\n`)]) : body
  })
  const relay = await council.relay({ env: () => ({ PUBLIC_URL: proxy.url }) })
  proxy.aim(relay.port)
  const device = await council.device()
  const first = await device.page(proxy.url)
  await expectWhole(first)
  const second = await device.page(proxy.url)
  const marks = async (): Promise<unknown[]> =>
    Promise.all(
      [first, second].map((page) => page.evaluate(() => (globalThis as { isOldPage?: boolean }).isOldPage ?? false))
    )
  for (const page of [first, second]) await page.evaluate(() => Object.assign(globalThis, { isOldPage: true }))

  await first.bringToFront()
  await begin(first)
  version = 2
  await second.evaluate(async () => {
    await (await navigator.serviceWorker.getRegistration())?.update()
  })
  const use = second.getByRole('button', { name: 'Use it now' })
  await expect(use).toBeVisible({ timeout: 30_000 })
  await use.click()
  // The practice goes on in the old version, to its end.
  await expectPhase(first, 'Breathe out')
  expect((await marks())[0]).toBe(true)
  await finish(first)
  await first.getByRole('button', { name: 'Keep', exact: true }).click()
  // A page that is being loaded anew cannot be asked: asked again.
  await expect(async () => expect(await marks()).toEqual([false, false])).toPass({ timeout: 30_000 })
  await goTo(first, 'Journal')
  await expect(first.getByRole('main').getByRole('link').filter({ hasText: 'Calm breath' })).toHaveCount(1)
})
