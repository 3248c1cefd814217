import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A rule or a test title with the place where it stands, as `file:line`. */
export type Cited = { readonly id: string; readonly at: string }

export type SpecGap =
  | { readonly kind: 'rule-without-test'; readonly rule: Cited }
  | { readonly kind: 'test-without-rule'; readonly test: Cited }
  | { readonly kind: 'rule-twice'; readonly rule: Cited }

const ruleLine = /^- \*\*\[([A-Z]{2,4}\d+)\]\*\*/
/** A string that begins with an id is a title; it may cite several: '[SL3] [SL4] …'. */
const titleStart = /(?<=['"`])\[[A-Z]{2,4}\d+\](?:[ ,]*\[[A-Z]{2,4}\d+\])*/g
const anyId = /[A-Z]{2,4}\d+/g

const eachLine = (file: string, text: string, read: (line: string) => readonly string[]): Cited[] =>
  text.split('\n').flatMap((line, index) => read(line).map((id) => ({ id, at: `${file}:${index + 1}` })))

export const rulesIn = (file: string, text: string): Cited[] =>
  eachLine(file, text, (line) => {
    const id = ruleLine.exec(line)?.[1]
    return id === undefined ? [] : [id]
  })

export const testsIn = (file: string, text: string): Cited[] =>
  eachLine(file, text, (line) => [...line.matchAll(titleStart)].flatMap(([ids]) => ids.match(anyId) ?? []))

/** Every rule has a test and every cited id has a rule; an id is given once. */
export const specGaps = (rules: readonly Cited[], tests: readonly Cited[]): SpecGap[] => {
  const tested = new Set(tests.map((test) => test.id))
  const ruled = new Set(rules.map((rule) => rule.id))
  const seen = new Set<string>()
  const twice = rules.filter((rule) => seen.has(rule.id) || !seen.add(rule.id))
  return [
    ...twice.map((rule): SpecGap => ({ kind: 'rule-twice', rule })),
    ...rules.filter((rule) => !tested.has(rule.id)).map((rule): SpecGap => ({ kind: 'rule-without-test', rule })),
    ...tests.filter((test) => !ruled.has(test.id)).map((test): SpecGap => ({ kind: 'test-without-rule', test }))
  ]
}

export const gapToText = (gap: SpecGap): string => {
  if (gap.kind === 'rule-without-test') return `[${gap.rule.id}] has no test titled by it   ${gap.rule.at}`
  if (gap.kind === 'rule-twice') return `[${gap.rule.id}] is given twice   ${gap.rule.at}`
  return `[${gap.test.id}] is cited but is no rule   ${gap.test.at}`
}

const testFiles = ['{core,app,sync-server,testing,agent}/**/*.{test,contract}.{ts,tsx}', 'e2e/**/*.spec.ts']

export const readSpec = (root: string): { readonly rules: readonly Cited[]; readonly tests: readonly Cited[] } => {
  const read = <T>(patterns: readonly string[], parse: (file: string, text: string) => T[]): T[] =>
    patterns
      .flatMap((pattern) => globSync(pattern, { cwd: root }))
      .sort()
      .flatMap((file) => parse(file, readFileSync(join(root, file), 'utf8')))
  return { rules: read(['docs/spec/**/*.md'], rulesIn), tests: read(testFiles, testsIn) }
}
