import { existsSync, readFileSync } from 'node:fs'
import type { Counted, Ended } from './steps.ts'

/** The part of vitest's JSON report that is counted. */
export type VitestReport = {
  readonly numPassedTests: number
  readonly numTotalTests: number
  readonly success: boolean
  readonly testResults?: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly unknown[]
  }[]
}

/** The part of Playwright's JSON report that is counted. */
export type PlaywrightReport = {
  readonly stats: {
    readonly expected: number
    readonly unexpected: number
    readonly skipped: number
  }
  readonly errors: readonly unknown[]
}

type Sum = { readonly passed: number; readonly failed: number }

/** Whatever did not pass failed: a skipped test proves nothing, a file that could not be read hides its tests, and no test at all is a failure. */
export const sumVitest = (report: VitestReport): Sum => {
  const broken = (report.testResults ?? []).filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0
  ).length
  const failed = report.numTotalTests - report.numPassedTests + broken
  if (report.numTotalTests === 0) return { passed: 0, failed: Math.max(1, failed) }
  return { passed: report.numPassedTests, failed: failed === 0 && !report.success ? 1 : failed }
}

export const sumPlaywright = (report: PlaywrightReport): Sum => {
  const { expected, unexpected, skipped } = report.stats
  const failed = unexpected + skipped + report.errors.length
  return { passed: expected, failed: expected + failed === 0 ? 1 : failed }
}

const readReport = <Report>(file: string): Report | undefined => {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return undefined
  }
}

/** Counts a suite from its report; a suite that ended without one, or badly although its report is clean, failed. */
export const counted = <Report>(ended: Ended, file: string, sum: (report: Report) => Sum): Counted => {
  const report = readReport<Report>(file)
  if (report === undefined) return { passed: 0, failed: 1, output: `${ended.output}\nno report was written\n` }
  const { passed, failed } = sum(report)
  return { passed, failed: failed === 0 && ended.code !== 0 ? 1 : failed, output: ended.output }
}
