import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type BrowserContext, chromium, type Page } from '@playwright/test'

/** One browser profile on disk: what a person calls a device. It outlives the browser. */
export type Profile = {
  readonly context: () => BrowserContext
  /** A page on which everything the app throws or the policy refuses is collected. */
  readonly page: (url: string) => Promise<Page>
  /** Ends the browser; what is on its disk stays. */
  readonly quit: () => Promise<void>
  readonly launch: () => Promise<void>
  /** Errors of all its pages so far: exceptions, refused policies, failed assertions of the app. */
  readonly complaints: () => readonly string[]
  readonly remove: () => Promise<void>
}

export type ProfileOptions = {
  readonly args?: readonly string[]
  readonly insecureTls?: boolean
  readonly phone?: boolean
  readonly initScript?: () => void
  /** Complaints that the test means to cause. */
  readonly mayComplain?: RegExp
}

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

const executable = (): string => {
  const path = process.env.CHROMIUM ?? '/usr/bin/chromium'
  return path
}

/** What a browser says of a network that is away, or of an address that is not secure, is no complaint about the app. */
const isNetworkNoise = (text: string): boolean =>
  /net::ERR_|WebSocket connection to|Failed to load resource|Cross-Origin-Opener-Policy header has been ignored/.test(
    text
  )

export const openProfile = async (options: ProfileOptions = {}): Promise<Profile> => {
  const folder = mkdtempSync(join(tmpdir(), 'council-profile-'))
  const complaints: string[] = []
  let context: BrowserContext | undefined

  const watch = (page: Page): void => {
    page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
    page.on('console', (message) => {
      const isMeant = options.mayComplain?.test(message.text()) ?? false
      if (message.type() === 'error' && !isMeant && !isNetworkNoise(message.text())) complaints.push(message.text())
    })
  }

  const launch = async (): Promise<void> => {
    context = await chromium.launchPersistentContext(folder, {
      executablePath: executable(),
      headless: true,
      args: [...args, ...(options.args ?? [])],
      ignoreHTTPSErrors: options.insecureTls ?? false,
      viewport: options.phone ? { width: 390, height: 844 } : { width: 1100, height: 800 },
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin'
    })
    if (options.initScript !== undefined) await context.addInitScript(options.initScript)
    context.on('page', watch)
    for (const page of context.pages()) watch(page)
  }

  const current = (): BrowserContext => {
    if (context === undefined) throw new Error('This profile is not running')
    return context
  }

  await launch()
  return {
    context: current,
    page: async (url) => {
      const page = await current().newPage()
      await page.goto(url)
      return page
    },
    quit: async () => {
      await context?.close()
      context = undefined
    },
    launch,
    complaints: () => complaints,
    remove: async () => {
      await context?.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}
