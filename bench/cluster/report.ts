import type { Figures, Verdict } from '#bench/peers/workload.ts'
import type { Section } from './sections.ts'

/** RESULTS.md, from what was measured and nothing else. */

export interface Measured {
  readonly section: Section
  readonly runs: number
  /** Medians by label. */
  readonly table: ReadonlyMap<string, Figures>
  readonly flaws: ReadonlyMap<string, readonly string[]>
}

export interface Report {
  readonly command: string
  readonly versions: Readonly<Record<string, string>>
  readonly cores: { readonly server: string; readonly load: string }
  readonly disk: { readonly medianMs: number; readonly perSecond: number }
  /** Load average of the minute before and the minute after. */
  readonly load: readonly [before: number, after: number]
  readonly measured: readonly Measured[]
  readonly notes: string
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const number = (value: number | null | undefined, digits: number): string =>
  value === undefined || value === null || Number.isNaN(value) ? '' : value.toFixed(digits)

const verdictWord = ({ isMet }: Verdict): string => (isMet === undefined ? '-' : isMet ? 'met' : '**missed**')

const verdictsOf = ({ section, table }: Measured): readonly Verdict[] =>
  section.judge((cluster, variant) => table.get(section.labelOf({ cluster, variant })))

export const sectionText = (measured: Measured): string => {
  const { section, runs, table, flaws } = measured
  const lines = section.rows.map((each) => {
    const label = section.labelOf(each)
    return row([label, ...section.columns.map(({ key, digits }) => number(table.get(label)?.[key], digits))])
  })
  const flawed = [...flaws].map(
    ([label, list]) => `${label}: ${list.length} of ${runs}: ${[...new Set(list)].join('; ')}`
  )
  return [
    `### ${section.title}`,
    runs === 1 ? 'one run' : `medians of ${runs} interleaved runs`,
    [
      row(['', ...section.columns.map(({ label }) => label)]),
      row(['---', ...section.columns.map(() => '---:')]),
      ...lines
    ].join('\n'),
    ...(flawed.length === 0 ? [] : [`Flawed: ${flawed.join(' · ')}.`])
  ].join('\n\n')
}

const bars = (measured: readonly Measured[]): string =>
  [
    row(['', 'bar', 'figure', '']),
    row(['---', '---', '---:', '---']),
    ...measured.flatMap((each) =>
      verdictsOf(each).map((verdict) => row([each.section.id, verdict.bar, verdict.figure, verdictWord(verdict)]))
    )
  ].join('\n')

export const writeReport = (report: Report): string => {
  const { versions, cores, disk, load } = report
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${[
    '# Several relays over one store',
    `Written by \`${report.command}\`. Two cores: relays, store and broker share core ${cores.server}, the load generator has ${cores.load}; so what counts is CPU, which is the whole process's (of Postgres: all its processes'), and not how much passes in a second. Loopback.`,
    `${named.join(' · ')} · load average ${load[0].toFixed(1)} before, ${load[1].toFixed(1)} after (2 is this bench itself).`,
    `The disk: an append of 4 kB with fdatasync takes ${disk.medianMs.toFixed(3)} ms, ${disk.perSecond.toFixed(0)} a second.`,
    '## The bar',
    bars(report.measured),
    '## The figures',
    ...report.measured.map(sectionText),
    report.notes.trim()
  ].join('\n\n')}\n`
}
