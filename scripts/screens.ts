import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import type { Page } from 'playwright-core'
import { begin, finish, goTo, writeLine } from '#e2e/harness/person.ts'
import { openProfile } from '#e2e/harness/profile.ts'
import { startRelay } from '#e2e/harness/relay.ts'
import { buildApp } from './build-app.ts'
import { findBrowser, thisMachine } from './find-browser.ts'
import { galleryPage, type Shot } from './gallery.ts'

/** Drives the real app through its screens and states, in every size and theme, and writes a page to look at: screens/index.html. */
const folder = resolve(import.meta.dirname, '../screens')

const sizes = { small: [320, 640], phone: [390, 844], tablet: [820, 1180], desktop: [1280, 800] } as const
const themes = ['light', 'dark'] as const
type Size = keyof typeof sizes

const shots: Shot[] = []

/** A picture of what is there, not of what is on its way: a new theme's colours and a screen that fades in take their time. */
const arrived = (page: Page): Promise<unknown> =>
  page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => Number(effect?.getComputedTiming().endTime) < 2_000)
        .map(({ finished }) => finished)
    )
  )

const shoot = async (page: Page, screen: string, size: Size, theme: string): Promise<void> => {
  await arrived(page)
  const file = `${screen}-${size}-${theme}.png`
  await page.screenshot({ path: join(folder, file), animations: 'allow' })
  shots.push({ screen, size, theme, file })
}

/** One screen as it stands, in all sizes and both themes. */
const everySize = async (page: Page, screen: string): Promise<void> => {
  for (const [size, [width, height]] of Object.entries(sizes) as [Size, readonly [number, number]][]) {
    await page.setViewportSize({ width, height })
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme })
      await shoot(page, screen, size, colorScheme)
    }
  }
}

/** One size is enough where only the form changes. */
const onPhone = async (page: Page, screen: string, media: { reducedMotion?: 'reduce' } = {}): Promise<void> => {
  await page.setViewportSize({ width: 390, height: 844 })
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme, reducedMotion: media.reducedMotion ?? 'no-preference' })
    await shoot(page, screen, 'phone', colorScheme)
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' })
}

const settled = (page: Page): Promise<unknown> => page.evaluate(() => document.fonts.ready)

const open = async (page: Page, path: string): Promise<void> => {
  await page.goto(new URL(path, page.url()).href)
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await settled(page)
}

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
  await open(page, '/care/box')
  await everySize(page, '02-care')
  await open(page, '/journal')
  await everySize(page, '07-journal-empty')
  await open(page, '/')
  await breathe(page)
  for (const line of lines) await writeLine(page, line)
  await goTo(page, 'Journal')
  await everySize(page, '08-journal-full')
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
  await onPhone(page, '14-relay-away')
  await open(page, '/settings/language?mirror')
  await page.getByRole('radio', { name: 'Mirrored (to try the layout)' }).check()
  for (const path of ['/', '/journal', '/settings', '/settings/look']) {
    await open(page, path)
    await onPhone(page, `15-right-to-left${path.replaceAll('/', '-')}`)
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
} finally {
  writeFileSync(join(folder, 'index.html'), galleryPage(shots))
  await device.remove()
  await relay.kill()
  rmSync(relay.folder, { recursive: true, force: true })
}
for (const complaint of device.complaints()) console.error(complaint)
console.log(`${shots.length} pictures: ${join('screens', 'index.html')}`)
