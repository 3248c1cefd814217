import process from 'node:process'
import lighthouse from 'lighthouse'
import { chromium } from 'playwright-core'
import { freePort, startRelay } from '#e2e/harness/relay.ts'
import { buildApp } from './build-app.ts'
import { browserArgs, findBrowser, thisMachine } from './find-browser.ts'

/** Lighthouse, mobile, against the built app on a relay of its own. Each category is the median of three runs. */
const RUNS = 3
const categories = ['performance', 'accessibility', 'best-practices'] as const

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

const browser = findBrowser(await thisMachine())
if (!browser.ok) {
  console.error(`No browser was found. Install one with: ${browser.command}`)
  process.exit(1)
}
await buildApp({ onlyIfChanged: true })
const relay = await startRelay()
const port = await freePort()
const chrome = await chromium.launch({
  executablePath: browser.path,
  args: [...browserArgs, `--remote-debugging-port=${port}`]
})
const scores = new Map<string, number[]>()
const reasons = new Map<string, string>()

try {
  for (let run = 0; run < RUNS; run += 1) {
    const result = await lighthouse(relay.url, {
      port,
      output: 'json',
      logLevel: 'error',
      onlyCategories: [...categories]
    })
    if (result === undefined) throw new Error('Lighthouse gave no result')
    for (const name of categories) {
      const category = result.lhr.categories[name]
      scores.set(name, [...(scores.get(name) ?? []), Math.round((category?.score ?? 0) * 100)])
      for (const { id, weight } of category?.auditRefs ?? []) {
        const audit = result.lhr.audits[id]
        if (weight > 0 && audit !== undefined && audit.score !== null && audit.score < 0.995)
          reasons.set(`${name}: ${audit.title}`, `${audit.score} ${audit.displayValue ?? ''}`)
      }
    }
  }
} finally {
  await chrome.close()
  await relay.kill()
}

for (const name of categories) {
  const each = scores.get(name) ?? []
  console.log(`${name.padEnd(16)} ${median(each)}   (${each.join(', ')})`)
}
for (const [what, why] of reasons) console.log(`  below 1: ${what}: ${why}`)
process.exitCode = categories.every((name) => median(scores.get(name) ?? []) === 100) ? 0 : 1
