import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { counted, type PlaywrightReport, sumPlaywright, sumVitest, type VitestReport } from './tally.ts'

const vitest = (report: Partial<VitestReport>): VitestReport => ({
  numPassedTests: 3,
  numTotalTests: 3,
  success: true,
  testResults: [],
  ...report
})
const playwright = (stats: Partial<PlaywrightReport['stats']>, errors: unknown[] = []): PlaywrightReport => ({
  stats: { expected: 2, unexpected: 0, skipped: 0, ...stats },
  errors
})

test('what passed is counted, and what did not pass failed', () => {
  expect(sumVitest(vitest({}))).toEqual({ passed: 3, failed: 0 })
  expect(sumVitest(vitest({ numPassedTests: 1 }))).toEqual({ passed: 1, failed: 2 })
  expect(sumPlaywright(playwright({}))).toEqual({ passed: 2, failed: 0 })
})

test('skipped tests count as failed', () => {
  expect(sumPlaywright(playwright({ skipped: 1 }))).toEqual({ passed: 2, failed: 1 })
})

test('a file that could not be loaded, an error outside a test, and an empty run fail', () => {
  const broken = { name: 'x.test.ts', status: 'failed', assertionResults: [] }
  expect(sumVitest(vitest({ testResults: [broken], success: false }))).toEqual({ passed: 3, failed: 1 })
  expect(sumVitest(vitest({ success: false }))).toEqual({ passed: 3, failed: 1 })
  expect(sumVitest(vitest({ numPassedTests: 0, numTotalTests: 0 }))).toEqual({ passed: 0, failed: 1 })
  expect(sumPlaywright(playwright({}, [{}]))).toEqual({ passed: 2, failed: 1 })
  expect(sumPlaywright(playwright({ expected: 0 }))).toEqual({ passed: 0, failed: 1 })
})

test('a suite that left no report, or ended badly, fails', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-'))
  const file = join(folder, 'report.json')
  expect(counted({ code: 0, output: '' }, file, sumVitest).failed).toBe(1)
  writeFileSync(file, JSON.stringify(vitest({})))
  expect(counted({ code: 0, output: '' }, file, sumVitest)).toMatchObject({ passed: 3, failed: 0 })
  expect(counted({ code: 139, output: '' }, file, sumVitest)).toMatchObject({ passed: 3, failed: 1 })
  rmSync(folder, { recursive: true })
})
