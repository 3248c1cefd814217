import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from '@playwright/test'
import { isLeft, npm } from './harness/command.ts'
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

const root = resolve(import.meta.dirname, '..')
/** What a clone holds that these commands read; a build and its data stay out of the tests' way. */
const sources = ['app', 'core', 'sync-server', 'scripts', 'public', 'package.json', 'package-lock.json']
const settings = ['vite.config.ts', 'lingui.config.ts', 'tsconfig.json']

const clone = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'council-clone-'))
  for (const name of [...sources, ...settings]) cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

test('npm start builds and serves the app; what was written is there after a restart, and the relay ends with npm', async ({
  council
}) => {
  const folder = clone()
  const port = await freePort()
  const url = `http://localhost:${port}`
  const start = () => npm(['start'], folder, { PORT: String(port) })
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
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

test('npm run dev shows an edited screen and edited words without being asked, beside a relay that is reached', async ({
  council
}) => {
  const folder = clone()
  const dev = npm(['run', 'dev'], folder, {})
  await dev.says(/Sacred Council relay/)
  const url = (await dev.says(/Local:\s+(http:\S+[^/\s])\/?\s/))[1] ?? ''
  const page = await (await council.device()).page(url)
  await writeLine(page, 'written in development')
  await expectOnRelay(page)
  await goTo(page, 'Journal')
  const change = (name: string, from: string, to: string): void => {
    const file = join(folder, name)
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
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
