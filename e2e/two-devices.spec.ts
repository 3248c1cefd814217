import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './harness/council.ts'
import {
  deleteLine,
  editLine,
  expectLine,
  expectNoLine,
  expectOnRelay,
  expectSafe,
  expectWhole,
  goTo,
  lookElsewhere,
  practise,
  readPhrase,
  takeOver,
  writeLine
} from './harness/person.ts'

test('a practice made offline on A is found on B by the twelve words', async ({ council }) => {
  const relay = await council.relay()
  const a = await council.device()
  const onA = await a.page(relay.url)
  await expectWhole(onA)
  await a.context().setOffline(true)
  await practise(onA, 'on a train, no signal')
  await a.context().setOffline(false)
  await expectOnRelay(onA)
  const words = await readPhrase(onA)

  const onB = await (await council.device({ phone: true })).page(relay.url)
  await takeOver(onB, words, relay.url)
  await goTo(onB, 'Journal')
  await expectLine(onB, 'on a train, no signal')
  // What B writes says what B had seen: from then on A knows that another device holds it.
  await writeLine(onB, 'and answered from here')
  await expectSafe(onA, /another of your devices$/)
})

test('a device that only reads tells the author that it holds the lines', async ({ council }) => {
  const relay = await council.relay()
  const onA = await (await council.device()).page(relay.url)
  await writeLine(onA, 'written before B came')
  await expectOnRelay(onA)
  const onB = await (await council.device()).page(relay.url)
  await takeOver(onB, await readPhrase(onA), relay.url)
  await expectSafe(onA, /another of your devices$/)
  await writeLine(onA, 'written while B looks on')
  await goTo(onB, 'Journal')
  await expectLine(onB, 'written while B looks on')
  await expectSafe(onA, /another of your devices$/)
})

test('changes made apart, offline at the same time, come together', async ({ council }) => {
  const relay = await council.relay()
  const a = await council.device()
  const b = await council.device()
  const onA = await a.page(relay.url)
  await writeLine(onA, 'shared, to be edited')
  await writeLine(onA, 'shared, to be deleted')
  await expectOnRelay(onA)
  const onB = await b.page(relay.url)
  await takeOver(onB, await readPhrase(onA), relay.url)
  await goTo(onB, 'Journal')
  await expectLine(onB, 'shared, to be edited')
  await expectWhole(onA)
  await expectWhole(onB)

  await a.context().setOffline(true)
  await b.context().setOffline(true)
  await writeLine(onA, 'only A wrote this')
  await editLine(onA, 'shared, to be edited', 'shared, edited on A')
  await writeLine(onB, 'only B wrote this')
  await deleteLine(onB, 'shared, to be deleted')
  await a.context().setOffline(false)
  await b.context().setOffline(false)

  for (const page of [onA, onB]) {
    await expectOnRelay(page)
    await page.goto(`${relay.url}/journal`)
    for (const line of ['only A wrote this', 'only B wrote this', 'shared, edited on A']) await expectLine(page, line)
    await expectNoLine(page, 'shared, to be deleted')
  }
})

test('a device that already practises brings its entries along', async ({ council }) => {
  const relay = await council.relay()
  const onA = await (await council.device()).page(relay.url)
  await writeLine(onA, 'written on A')
  await expectOnRelay(onA)
  const words = await readPhrase(onA)
  const onB = await (await council.device()).page(relay.url)
  await writeLine(onB, 'written on B before')
  await takeOver(onB, words, relay.url)
  await goTo(onB, 'Journal')
  for (const line of ['written on A', 'written on B before']) await expectLine(onB, line)
  await goTo(onA, 'Journal')
  await expectLine(onA, 'written on B before')
  expect(await readPhrase(onB)).toEqual(words)
})

test('a wrong phrase is named, and a relay that is away is told from one that holds nothing', async ({ council }) => {
  const relay = await council.relay()
  const page = await (await council.device()).page(relay.url)
  const good = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'.split(
    ' '
  )
  await lookElsewhere(page, good.with(0, 'abandn'), relay.url)
  await expect(page.getByText('Word 1, “abandn”, is not on the list. Did you mean “abandon”?')).toBeVisible()
  await lookElsewhere(page, good.with(0, 'zoo'), relay.url)
  await expect(page.getByText('These words do not belong together.', { exact: false })).toBeVisible()
  await lookElsewhere(page, good, relay.url)
  await expect(page.getByText('holds nothing under these words', { exact: false })).toBeVisible()
  await expectWhole(page)
  await relay.kill()
  await lookElsewhere(page, good, relay.url)
  await expect(page.getByText('was not reached', { exact: false })).toBeVisible({ timeout: 60_000 })
})

test('neither the wire nor the relay’s disk holds a word of what was written', async ({ council }) => {
  const relay = await council.relay()
  const device = await council.device()
  const frames: Buffer[] = []
  device.context().on('page', (page) =>
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => frames.push(Buffer.from(payload)))
      socket.on('framereceived', ({ payload }) => frames.push(Buffer.from(payload)))
    })
  )
  const page = await device.page(relay.url)
  await writeLine(page, 'heliotrope quixotry under the lamp')
  await expectOnRelay(page)
  await relay.stop()
  const files = readdirSync(relay.folder).filter((file) => file.startsWith('council.db'))
  const disk = files.map((file) => readFileSync(join(relay.folder, file)))
  const size = (parts: readonly Buffer[]): number => parts.reduce((sum, part) => sum + part.length, 0)
  // Both were really seen, and are long enough to hold it.
  expect(size(disk)).toBeGreaterThan(1000)
  expect(size(frames)).toBeGreaterThan(500)
  for (const bytes of [...disk, ...frames])
    for (const word of ['heliotrope', 'quixotry']) expect(bytes.includes(word)).toBe(false)
})
