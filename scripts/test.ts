import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { buildApp } from './build-app.ts'
import { runChecks, vitestStep } from './checks.ts'
import { findBrowser, thisMachine } from './find-browser.ts'
import { sizeGates } from './size.ts'
import { runToEnd, type StepResult, step } from './steps.ts'
import { counted, sumPlaywright } from './tally.ts'

const root = resolve(import.meta.dirname, '..')
const results: StepResult[] = []

const playwrightStep = (browser: string): Promise<StepResult> =>
  step('end to end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'council-'))
    const file = join(folder, 'report.json')
    // A copy: the app may be built anew while the tests run.
    const app = join(folder, 'app')
    cpSync(join(root, 'dist/app'), app, { recursive: true })
    const env = { CHROMIUM: browser, APP_DIR: app, PLAYWRIGHT_JSON_OUTPUT_NAME: file }
    try {
      const ended = await runToEnd(join(root, 'node_modules/.bin/playwright'), ['test', '--reporter=list,json'], env)
      return counted(ended, file, sumPlaywright)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

const buildStep = (): Promise<StepResult> =>
  step('build', async () => {
    try {
      await buildApp({ onlyIfChanged: true })
      return { passed: 1, failed: 0, output: '' }
    } catch (error) {
      return { passed: 0, failed: 1, output: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
  })

const missing = (name: string, reason: string): Promise<StepResult> =>
  step(name, async () => ({ passed: 0, failed: 1, output: reason }))

// Few seeds of each world in every check, many here.
results.push(...(await runChecks({ WORLD_SEEDS: '200' })))
results.push(await vitestStep('whole processes', 'vitest.slow.config.ts'))
const built = await buildStep()
results.push(built)
if (built.failed === 0) results.push(await step('size of the app', sizeGates))

const browser = findBrowser(await thisMachine())
if (browser.ok) {
  results.push(await vitestStep('in a real browser', 'vitest.browser.config.ts', { CHROMIUM: browser.path }))
  results.push(
    built.failed === 0 ? await playwrightStep(browser.path) : await missing('end to end', 'The app was not built.')
  )
} else {
  const reason = `No browser was found, and these tests need one. Install it with:\n\n  ${browser.command}\n`
  results.push(await missing('in a real browser', reason), await missing('end to end', reason))
}

const passed = results.reduce((sum, result) => sum + result.passed, 0)
const failed = results.reduce((sum, result) => sum + result.failed, 0)
if (failed > 0)
  console.log(`\nFailed: ${results.flatMap((result) => (result.failed > 0 ? [result.name] : [])).join(', ')}`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
