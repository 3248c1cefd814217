import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import type { Page } from 'playwright-core'
import { begin, finish, goTo, writeLine } from '#e2e/harness/person.ts'
import { openProfile } from '#e2e/harness/profile.ts'
import { startRelay } from '#e2e/harness/relay.ts'
import { buildApp } from './build-app.ts'
import { createCamera } from './camera.ts'
import { findBrowser, thisMachine } from './find-browser.ts'
import { galleryPage } from './gallery.ts'
import { states } from './screens-states.ts'

/** Drives the real app through its screens and states, in every size and theme, and writes a page to look at: screens/index.html. */
const folder = resolve(import.meta.dirname, '../screens')

const camera = createCamera(folder)
const { shots, everySize, phoneAndDesktop, onPhone, open, settled } = camera

const lines = [
  'Rain on the window. The breath found its own length.',
  'Slept badly, sat anyway.',
  'A long line, to see how it wraps: the bus was late, the coffee was cold, somebody sang on the stairs, and in the middle of all of it there were four quiet seconds that nobody had planned.',
  'Unbrechbar: Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
  'Ten minutes before the meeting.'
]

const breathe = async (page: Page): Promise<void> => {
  await begin(page)
  await everySize(page, '03-practice')
  await onPhone(page, '03-practice-reduced-motion', { reducedMotion: 'reduce' })
  await page.getByRole('button', { name: 'Pause' }).click()
  await onPhone(page, '04-paused')
  await page.getByRole('button', { name: 'Go on' }).click()
  await finish(page)
  await everySize(page, '05-reflection')
  await page.getByRole('textbox', { name: 'A line, if you like' }).fill('Calmer than I came.')
  await page.getByRole('button', { name: 'Keep', exact: true }).click()
  await everySize(page, '06-after-the-first')
}

const settings = [
  'look',
  'sound',
  'practice',
  'language',
  'safety',
  'phrase',
  'elsewhere',
  'backup',
  'erase',
  'relay-sees',
  'about'
]

const tour = async (page: Page, relay: Awaited<ReturnType<typeof startRelay>>): Promise<void> => {
  await settled(page)
  await everySize(page, '01-first-open')
  await onPhone(page, '01-first-open-reduced-motion', { reducedMotion: 'reduce' })
  await open(page, '/patterns')
  await everySize(page, '02-patterns')
  await open(page, '/patterns/new')
  await everySize(page, '02-patterns-new')
  await open(page, '/elsewhere')
  await everySize(page, '02-elsewhere')
  await open(page, '/care/box')
  await everySize(page, '02-care')
  await open(page, '/journal')
  await everySize(page, '07-journal-empty')
  await open(page, '/')
  await breathe(page)
  for (const line of lines) await writeLine(page, line)
  await goTo(page, 'Journal')
  await everySize(page, '08-journal-full')
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByText('Calendar and search').click()
  await onPhone(page, '08-journal-look-back')
  await page.getByRole('searchbox').fill('quiet')
  await onPhone(page, '08-journal-search')
  await page.getByRole('searchbox').fill('')
  await page.getByRole('main').getByRole('link').filter({ hasText: 'Slept badly' }).click()
  await everySize(page, '09-entry')
  await open(page, '/settings')
  await everySize(page, '10-settings')
  for (const section of settings) {
    await open(page, `/settings/${section}`)
    await everySize(page, `11-settings-${section}`)
  }
  await open(page, '/settings/phrase')
  await page.getByRole('button', { name: 'Show my words' }).click()
  await page.getByRole('listitem').nth(11).waitFor()
  await everySize(page, '12-phrase')
  await open(page, '/nowhere')
  await onPhone(page, '13-unknown-place')
  await relay.kill()
  await open(page, '/settings/safety')
  await page.getByText('The relay is not reached.', { exact: false }).first().waitFor({ timeout: 30_000 })
  await onPhone(page, '14-relay-away')
  await open(page, '/settings/language?mirror')
  await page.getByRole('radio', { name: 'Mirrored (to try the layout)' }).click()
  for (const path of ['/', '/journal', '/settings', '/settings/look', '/settings/erase']) {
    await open(page, path)
    await phoneAndDesktop(page, `15-right-to-left${path.replaceAll('/', '-')}`)
  }
}

const browser = findBrowser(await thisMachine())
if (!browser.ok) {
  console.error(`No browser was found. Install one with: ${browser.command}`)
  process.exit(1)
}
process.env.CHROMIUM = browser.path
await buildApp({ onlyIfChanged: true })
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const relay = await startRelay()
const device = await openProfile()
try {
  await tour(await device.page(relay.url), relay)
  await states(camera)
} finally {
  writeFileSync(join(folder, 'index.html'), galleryPage(shots))
  await device.remove()
  await relay.kill()
  rmSync(relay.folder, { recursive: true, force: true })
}
for (const complaint of device.complaints()) console.error(complaint)
console.log(`${shots.length} pictures: ${join('screens', 'index.html')}`)
