import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { LOAD_CORES, SERVER_CORE } from '#bench/peers/process.ts'
import { measureApart, mediansOf } from '#bench/peers/run.ts'
import type { Figures } from '#bench/peers/workload.ts'
import { measureDisk } from '#bench/relay/disk.ts'
import { parseOptions } from './options.ts'
import { CLUSTER_PEER_VERSIONS, installClusterPeers } from './peers.ts'
import { type Measured, sectionText, writeReport } from './report.ts'
import { SECTIONS, type Section } from './sections.ts'
import { serviceVersions } from './versions.ts'

/** `npm run bench -- cluster [sections…] [--quick] [--runs n]` */

/** Rounds are interleaved: each takes every row once, so that a slow minute of the machine falls on all of them. */
const measureSection = async (section: Section, runs: number, isQuick: boolean): Promise<Measured> => {
  const before = loadavg()[0] ?? Number.NaN
  const figures = new Map<string, Figures[]>()
  const flaws = new Map<string, string[]>()
  const note = <Value>(map: Map<string, Value[]>, key: string, value: Value): void => {
    map.set(key, [...(map.get(key) ?? []), value])
  }
  const script = join(import.meta.dirname, 'measure.ts')
  process.stderr.write(`${section.id} `)
  for (let round = 0; round < runs; round++) {
    for (const row of section.rows) {
      const label = section.labelOf(row)
      const words = [section.id, row.cluster, row.variant, isQuick ? 'quick' : 'full']
      try {
        const measured = await measureApart(script, words, section.limitMs, { BENCH_SERVER_CORE: SERVER_CORE })
        note(figures, label, measured)
        if (measured.converged === 0) note(flaws, label, 'not everybody got everything')
      } catch (cause) {
        note(flaws, label, cause instanceof Error ? cause.message : String(cause))
      }
      process.stderr.write('.')
    }
  }
  process.stderr.write('\n')
  const table = Object.fromEntries([...figures].map(([label, list]) => [label, mediansOf(list)]))
  return { runs, isQuick, fsyncMs: fsyncMs(), load: before, table, flaws: Object.fromEntries(flaws) }
}

const fsyncMs = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'council-cluster-'))
  try {
    return measureDisk(folder, 4_096, 1_000).medianMs
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Sections may be measured apart; the report holds the last of each. */
const fileOf = (id: string): string => join(import.meta.dirname, 'figures', `${id}.json`)

const keep = (id: string, measured: Measured): void => {
  mkdirSync(join(import.meta.dirname, 'figures'), { recursive: true })
  writeFileSync(fileOf(id), `${JSON.stringify(measured, undefined, 2)}\n`)
}

const kept = (id: string): Measured | undefined =>
  existsSync(fileOf(id)) ? (JSON.parse(readFileSync(fileOf(id), 'utf8')) as Measured) : undefined

export const run = async (words: readonly string[]): Promise<void> => {
  const options = parseOptions(
    words,
    SECTIONS.map(({ id }) => id)
  )
  if (!options.ok) {
    console.error(options.error)
    process.exitCode = 2
    return
  }
  const { sections, isQuick, runs } = options.value
  installClusterPeers()
  const begun = performance.now()
  for (const section of SECTIONS.filter(({ id }) => sections.length === 0 || sections.includes(id))) {
    const measured = await measureSection(section, runs ?? (isQuick ? 1 : section.runs), isQuick)
    console.log(`\n${sectionText(section, measured)}`)
    keep(section.id, measured)
  }
  const path = join(import.meta.dirname, 'RESULTS.md')
  writeFileSync(
    path,
    writeReport({
      versions: { Node: process.version.slice(1), ...serviceVersions(), ...CLUSTER_PEER_VERSIONS },
      cores: { server: SERVER_CORE, load: LOAD_CORES },
      measured: SECTIONS.flatMap((section) => {
        const measured = kept(section.id)
        return measured === undefined ? [] : [{ section, measured }]
      }),
      notes: readFileSync(join(import.meta.dirname, 'NOTES.md'), 'utf8')
    })
  )
  console.log(`\n${Math.round((performance.now() - begun) / 1_000)} s; written to ${path}`)
}
