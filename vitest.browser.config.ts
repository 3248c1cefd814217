import { lingui } from '@lingui/vite-plugin'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { browserArgs, browserOnMachine, thisMachine } from './scripts/find-browser.ts'

const executablePath = browserOnMachine(await thisMachine())
if (executablePath === undefined)
  throw new Error('No Chromium: npm test finds or installs one, or set CHROMIUM to its path')

/** Contract suites against the real thing: IndexedDB, WebCrypto, Web Locks, BroadcastChannel in a real browser. */
export default defineConfig({
  plugins: [lingui()],
  test: {
    include: ['app/**/*.browser.test.{ts,tsx}'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath, args: [...browserArgs] } }),
      instances: [{ browser: 'chromium' }]
    }
  }
})
