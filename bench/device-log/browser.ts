import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { browserArgs, browserOnMachine, thisMachine } from '#scripts/find-browser.ts'
import type { Bench } from './page.ts'

/** One browser profile on disk; each `launch` is a new browser process, as a cold start is. */
export interface Profile {
  launch(): Promise<BrowserContext>
  remove(): void
}

export const openProfile = async (): Promise<Profile> => {
  const executablePath = browserOnMachine(await thisMachine())
  if (executablePath === undefined) throw new Error('No Chromium: set CHROMIUM to its path')
  const folder = mkdtempSync(join(tmpdir(), 'council-bench-profile-'))
  return {
    launch: () => chromium.launchPersistentContext(folder, { executablePath, headless: true, args: [...browserArgs] }),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Runs one of the page's functions in a fresh page. */
export const ask = async <Name extends keyof Bench>(
  context: BrowserContext,
  url: string,
  name: Name,
  ...given: Parameters<Bench[Name]>
): Promise<Awaited<ReturnType<Bench[Name]>>> => {
  const page: Page = await context.newPage()
  await page.goto(`${url}/bench`)
  await page.waitForFunction(() => 'bench' in globalThis)
  const call = ([name, given]: readonly [string, readonly unknown[]]) =>
    (globalThis as unknown as { bench: Record<string, (...given: readonly unknown[]) => unknown> }).bench[name]?.(
      ...given
    )
  const answer = await page.evaluate(call, [name, given] as const)
  await page.close()
  return answer as Awaited<ReturnType<Bench[Name]>>
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
