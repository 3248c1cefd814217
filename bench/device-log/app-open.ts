import type { BrowserContext } from 'playwright-core'
import { ask, median, openProfile, type Profile } from './browser.ts'
import type { Site } from './site.ts'

/** The app itself, started in a new browser process without its server: by its service worker, from its own database. */

const ROUNDS = 11
const YEARS = 10

interface Place {
  readonly name: string
  readonly path: string
  /** What a person can begin with there. */
  readonly selector: string
}

const places: readonly Place[] = [
  { name: 'first screen, ready to begin', path: '/', selector: 'button:has-text("Begin")' },
  { name: 'journal, ready to write', path: '/journal', selector: 'textarea' }
]

const fastest = (values: readonly number[]): number => Math.min(...values)

const prepare = async (site: Site, profile: Profile, years: number): Promise<number> => {
  const context = await profile.launch()
  // First: once the service worker is there, it answers every address with the app.
  const kept = years === 0 ? 0 : await ask(context, site.url, 'keepYears', years)
  const page = await context.newPage()
  await page.goto(site.url)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true))
  await page.close()
  await context.close()
  return kept
}

/** ms from the start of the navigation until the thing is there and can be used, by the page's own clock. */
const openCold = async (context: BrowserContext, url: string, selector: string): Promise<number> => {
  const page = await context.newPage()
  await page.goto(url, { waitUntil: 'commit' })
  const found = page.locator(selector).first()
  await found.waitFor({ state: 'visible' })
  const took = await found.evaluate(
    () => new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now())))
  )
  await page.close()
  return took
}

const coldStart = async (profile: Profile, url: string, selector: string): Promise<number> => {
  const context = await profile.launch()
  try {
    await context.setOffline(true)
    return await openCold(context, url, selector)
  } finally {
    await context.close()
  }
}

export const openApps = async (site: Site): Promise<void> => {
  const [empty, full] = [await openProfile(), await openProfile()]
  try {
    await prepare(site, empty, 0)
    const kept = await prepare(site, full, YEARS)
    console.log(`\nThe app, offline, a new browser process each time; ${YEARS} years hold ${kept} practices.\n`)
    console.log(
      `| | empty | ${YEARS} years | ratio | fastest: empty | ${YEARS} years | ratio |\n|---|---:|---:|---:|---:|---:|---:|`
    )
    for (const place of places) {
      const took: [number[], number[]] = [[], []]
      for (let round = 0; round < ROUNDS; round++) {
        const order = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)
        for (const which of order)
          took[which].push(await coldStart(which === 0 ? empty : full, `${site.url}${place.path}`, place.selector))
        process.stderr.write('.')
      }
      process.stderr.write('\n')
      // On a machine that others use too, the fastest run says more than the median: both are shown.
      const cells = [median, fastest].flatMap((of) => {
        const [light, heavy] = [of(took[0]), of(took[1])]
        return [light.toFixed(0), heavy.toFixed(0), (heavy / light).toFixed(2)]
      })
      console.log(`| ${place.name}, ms | ${cells.join(' | ')} |`)
    }
  } finally {
    empty.remove()
    full.remove()
  }
}
