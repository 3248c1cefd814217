import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { isLeft } from './harness/command.ts'
import { test } from './harness/council.ts'
import {
  editLine,
  expectLine,
  expectOnRelay,
  goTo,
  practise,
  readPhrase,
  takeOver,
  writeLine
} from './harness/person.ts'
import { freePort } from './harness/relay.ts'

test('npm start builds and serves the app; what was written is there after a restart, and the relay ends with npm', async ({
  council
}) => {
  test.setTimeout(180_000)
  const clone = council.clone()
  const port = await freePort()
  const url = `http://localhost:${port}`
  const start = () => clone.npm(['start'], { PORT: String(port) })
  const first = start()
  await first.says(new RegExp(`${url} {2}a browser there can keep data and sync`))
  const page = await (await council.device()).page(url)
  await practise(page, 'the first line here')
  await editLine(page, 'the first line here', 'an edited line')
  await expectOnRelay(page)
  const words = await readPhrase(page)
  await first.end()
  expect(await isLeft(`${url}/healthz`)).toBe(true)

  const second = start()
  await second.says(/a browser there can keep data and sync/)
  expect(second.printed()).not.toContain('The app is built.')
  // Another device, which holds nothing, finds it: the relay has kept it.
  const other = await (await council.device()).page(url)
  await takeOver(other, words, url)
  await goTo(other, 'Journal')
  await expectLine(other, 'an edited line')
  await second.end()
  expect(await isLeft(`${url}/healthz`)).toBe(true)
})

test('npm run dev shows an edited screen and edited words without being asked, beside a relay that is reached', async ({
  council
}) => {
  test.setTimeout(180_000)
  const clone = council.clone()
  const dev = clone.npm(['run', 'dev'])
  await dev.says(/Sacred Council relay/)
  const url = (await dev.says(/Local:\s+(http:\S+[^/\s])\/?\s/))[1] ?? ''
  const page = await (await council.device()).page(url)
  await writeLine(page, 'written in development')
  await expectOnRelay(page)
  // Packages found late load the page anew under the person.
  expect(dev.printed()).not.toContain('optimized dependencies changed')
  await goTo(page, 'Journal')
  const change = (name: string, from: string, to: string): void => {
    const file = join(clone.folder, name)
    const before = readFileSync(file, 'utf8')
    expect(before).toContain(from)
    writeFileSync(file, before.replace(from, to))
  }
  change('app/ui/journal/WriteLine.tsx', "aria-label={t('journal.write')}", 'aria-label="An edited label"')
  await expect(page.getByRole('textbox', { name: 'An edited label' })).toBeVisible()
  change('app/locales/en.po', 'msgstr "Write a line"', 'msgstr "Edited words"')
  await expect(page.getByPlaceholder('Edited words')).toBeVisible()
  await expectLine(page, 'written in development')
  await dev.end()
  expect(await isLeft(url)).toBe(true)
})
