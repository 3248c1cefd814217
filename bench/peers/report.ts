import type { Measured } from './figures.ts'
import { SERVERS } from './servers.ts'
import type { Figures, Verdict } from './workload.ts'

/** RESULTS.md, from what was measured and nothing else. */

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const number = (value: number | null | undefined, digits: number): string =>
  value === undefined || value === null || Number.isNaN(value) ? '' : value.toFixed(digits)

const lines = ({ workload, table }: Measured): readonly string[] => {
  const line = (label: string, figures: Figures): string =>
    row([label, ...workload.columns.map(({ key, digits }) => number(figures[key], digits))])
  return SERVERS.flatMap(({ name, label }) => {
    const figures = table.get(name)
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

const table = (measured: Measured): string => {
  const { columns } = measured.workload
  return [
    row(['', ...columns.map(({ label }) => label)]),
    row(['---', ...columns.map(() => '---:')]),
    ...lines(measured)
  ].join('\n')
}

const verdictWord = ({ isMet }: Verdict): string => (isMet === undefined ? '-' : isMet ? 'met' : '**missed**')

const flawsOf = ({ flaws, runs }: Measured): readonly string[] =>
  [...flaws]
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => `${name}: ${list.length} of ${runs} runs: ${[...new Set(list)].join('; ')}`)

const commandOf = ({ workload, runs, isQuick, servers }: Measured): string => {
  const chosen = servers === undefined ? '' : ` --servers ${servers.join(',')}`
  return `npm run bench -- peers ${workload.id}${isQuick ? ' --quick' : ''} --runs ${runs}${chosen}`
}

const circumstances = (measured: Measured): string => {
  const { runs, load, fsync } = measured
  return [
    `\`${commandOf(measured)}\`: ${runs === 1 ? 'one run' : `medians of ${runs} interleaved runs`}`,
    `load average ${load[0].toFixed(1)} before, ${load[1].toFixed(1)} after (2 is this bench itself)`,
    `an append of 4 kB with fdatasync takes ${fsync.medianMs.toFixed(3)} ms, ${fsync.perSecond.toFixed(0)} a second.`
  ].join('; ')
}

export const sectionOf = (measured: Measured): string => {
  const flaws = flawsOf(measured)
  return [
    `### ${measured.workload.title}`,
    circumstances(measured),
    table(measured),
    ...(flaws.length === 0 ? [] : [`Flawed: ${flaws.join(' · ')}.`])
  ].join('\n\n')
}

export interface Report {
  readonly versions: Readonly<Record<string, string>>
  readonly cores: number
  readonly serverCore: string
  readonly loadCores: string
  readonly measured: readonly Measured[]
  readonly slowed: readonly Measured[]
  /** Added to each fsync in those. */
  readonly slowedByMs: number
  /** What people add: reasons, and what was tried. */
  readonly notes: string
}

const bars = (all: readonly Measured[]): string =>
  [
    row(['workload', 'bar', 'this relay', '']),
    row(['---', '---', '---:', '---']),
    ...all.flatMap(({ workload, table: medians }) =>
      workload.judge(medians).map((verdict) => row([workload.id, verdict.bar, verdict.figure, verdictWord(verdict)]))
    )
  ].join('\n')

export const writeReport = (report: Report): string => {
  const { versions, measured, slowed } = report
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const parts = [
    '# This relay beside its peers',
    'Written by `npm run bench -- peers`: the last measuring of each workload, with its command. Absolute times belong to the machine; ratios travel. CPU is the server’s, all threads.',
    `${named.join(' · ')} · ${report.cores} cores: the server on core ${report.serverCore}, the load generator on ${report.loadCores}; loopback.`,
    '“Bare” broadcasts parse nothing, keep nothing and answer nothing; “bare sockets” are Node’s, framed once, one write a socket and turn. A native-socket server (uWebSockets.js) is not among them: its makers do not publish it on npm.',
    '## The bar',
    bars(measured),
    '## The figures',
    ...measured.map(sectionOf)
  ]
  if (slowed.length > 0)
    parts.push(`## With ${report.slowedByMs} ms added to each fsync`, bars(slowed), ...slowed.map(sectionOf))
  parts.push(report.notes.trim())
  return `${parts.join('\n\n')}\n`
}
