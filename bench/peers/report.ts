import type { Outcome } from './run.ts'
import { SERVERS } from './servers.ts'
import type { Figures, Verdict, Workload } from './workload.ts'

/** RESULTS.md, from what was measured and nothing else. */

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const number = (value: number | undefined, digits: number): string =>
  value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits)

const lines = (workload: Workload, outcome: Outcome): readonly string[] => {
  const line = (label: string, figures: Figures): string =>
    row([label, ...workload.columns.map(({ key, digits }) => number(figures[key], digits))])
  return SERVERS.flatMap(({ name, label }) => {
    const figures = outcome.table.get(name)
    return figures === undefined ? [] : [line(labelOf(name, label), figures)]
  })
}

/** `+ leveldb` says nothing in a table that its neighbour is not in. */
const labelOf = (name: string, label: string): string =>
  name === 'y-ws-leveldb'
    ? '@y/websocket-server + leveldb'
    : name === 'hocuspocus-sqlite'
      ? 'Hocuspocus + sqlite'
      : label

const table = (outcome: Outcome): string => {
  const { workload } = outcome
  return [
    row(['', ...workload.columns.map(({ label }) => label)]),
    row(['---', ...workload.columns.map(() => '---:')]),
    ...lines(workload, outcome)
  ].join('\n')
}

const verdictWord = ({ isMet }: Verdict): string => (isMet === undefined ? '-' : isMet ? 'met' : '**missed**')

const flawsOf = (outcome: Outcome): readonly string[] =>
  [...outcome.flaws]
    .filter(([, flaws]) => flaws.length > 0)
    .map(([name, flaws]) => `${name}: ${flaws.length} of ${outcome.runs} runs: ${[...new Set(flaws)].join('; ')}`)

export const sectionOf = (outcome: Outcome): string => {
  const flaws = flawsOf(outcome)
  const runs = outcome.runs === 1 ? 'one run' : `medians of ${outcome.runs} interleaved runs`
  return [
    `### ${outcome.workload.title}`,
    runs,
    table(outcome),
    ...(flaws.length === 0 ? [] : [`Flawed: ${flaws.join(' · ')}.`])
  ].join('\n\n')
}

export interface Report {
  readonly command: string
  readonly versions: Readonly<Record<string, string>>
  readonly cores: number
  readonly serverCore: string
  readonly loadCores: string
  readonly fsync: { readonly medianMs: number; readonly perSecond: number }
  /** Load average of the minute before and the minute after. */
  readonly load: readonly [before: number, after: number]
  readonly outcomes: readonly Outcome[]
  readonly slowFsync: readonly Outcome[]
  readonly slowFsyncMs: number | undefined
  /** What people add: reasons, and what was tried. */
  readonly notes: string
}

const bars = (outcomes: readonly Outcome[]): string =>
  [
    row(['workload', 'bar', 'this relay', '']),
    row(['---', '---', '---:', '---']),
    ...outcomes.flatMap(({ workload, table: medians }) =>
      workload.judge(medians).map((verdict) => row([workload.id, verdict.bar, verdict.figure, verdictWord(verdict)]))
    )
  ].join('\n')

export const writeReport = (report: Report): string => {
  const { versions, fsync } = report
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const parts = [
    '# This relay beside its peers',
    `Written by \`${report.command}\`. Absolute times belong to the machine; ratios travel. CPU is the server's, all threads.`,
    `${named.join(' · ')} · ${report.cores} cores: the server on core ${report.serverCore}, the load generator on ${report.loadCores}; loopback · load average ${report.load[0].toFixed(1)} before, ${report.load[1].toFixed(1)} after (2 is this bench itself).`,
    `The disk: an append of 4 kB with fdatasync takes ${fsync.medianMs.toFixed(3)} ms, ${fsync.perSecond.toFixed(0)} a second.`,
    '“Bare” broadcasts parse nothing, keep nothing and answer nothing; “bare sockets” are Node’s, framed once, one write a socket and turn. A native-socket server (uWebSockets.js) is not among them: its makers do not publish it on npm.',
    '## The bar',
    bars(report.outcomes),
    '## The figures',
    ...report.outcomes.map(sectionOf)
  ]
  if (report.slowFsyncMs !== undefined && report.slowFsync.length > 0) {
    parts.push(
      `## With ${report.slowFsyncMs} ms added to each fsync`,
      bars(report.slowFsync),
      ...report.slowFsync.map(sectionOf)
    )
  }
  parts.push(report.notes.trim())
  return `${parts.join('\n\n')}\n`
}
