import type { Figures, Verdict } from '#bench/peers/workload.ts'
import type { Section } from './sections.ts'

/** RESULTS.md, from what was measured and nothing else. */

export interface Measured {
  readonly runs: number
  readonly isQuick: boolean
  /** Median of an append of 4 kB with fdatasync. */
  readonly fsyncMs: number
  /** Load average of the minute before. */
  readonly load: number
  /** Medians by label. */
  readonly table: Readonly<Record<string, Figures>>
  readonly flaws: Readonly<Record<string, readonly string[]>>
}

export interface Report {
  readonly versions: Readonly<Record<string, string>>
  readonly cores: { readonly server: string; readonly load: string }
  readonly measured: readonly { readonly section: Section; readonly measured: Measured }[]
  readonly notes: string
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const number = (value: number | null | undefined, digits: number): string =>
  value === undefined || value === null || Number.isNaN(value) ? '' : value.toFixed(digits)

const verdictWord = ({ isMet }: Verdict): string => (isMet === undefined ? '-' : isMet ? 'met' : '**missed**')

export const sectionText = (section: Section, measured: Measured): string => {
  const { runs, isQuick, table, flaws, load, fsyncMs } = measured
  const lines = section.rows.map((each) => {
    const label = section.labelOf(each)
    return row([label, ...section.columns.map(({ key, digits }) => number(table[label]?.[key], digits))])
  })
  const flawed = Object.entries(flaws).map(
    ([label, list]) => `${label}: ${list.length} of ${runs}: ${[...new Set(list)].join('; ')}`
  )
  const command = `npm run bench -- cluster ${section.id}${isQuick ? ' --quick' : ''} --runs ${runs}`
  return [
    `### ${section.title}`,
    `\`${command}\`: ${runs === 1 ? 'one run' : `medians of ${runs} interleaved runs`}; load average before it ${load.toFixed(1)}; an append of 4 kB with fdatasync takes ${fsyncMs.toFixed(3)} ms.`,
    [
      row(['', ...section.columns.map(({ label }) => label)]),
      row(['---', ...section.columns.map(() => '---:')]),
      ...lines
    ].join('\n'),
    ...(flawed.length === 0 ? [] : [`Flawed: ${flawed.join(' · ')}.`])
  ].join('\n\n')
}

const bars = (all: Report['measured']): string =>
  [
    row(['', 'bar', 'figure', '']),
    row(['---', '---', '---:', '---']),
    ...all.flatMap(({ section, measured: { table } }) =>
      section
        .judge((cluster, variant) => table[section.labelOf({ cluster, variant })])
        .map((verdict) => row([section.id, verdict.bar, verdict.figure, verdictWord(verdict)]))
    )
  ].join('\n')

export const writeReport = ({ versions, cores, measured, notes }: Report): string => {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${[
    '# Several relays over one store',
    `Two cores: relays, store and broker share core ${cores.server}, the load generator has ${cores.load}; so what counts is CPU, which is the whole process's (of Postgres: all its processes'), and not how much passes in a second. Loopback; Postgres 18 with fsync on.`,
    named.join(' · '),
    '## The bar',
    bars(measured),
    '## The figures',
    ...measured.map((each) => sectionText(each.section, each.measured)),
    notes.trim()
  ].join('\n\n')}\n`
}
