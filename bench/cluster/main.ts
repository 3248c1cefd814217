import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { LOAD_CORES, SERVER_CORE } from '#bench/peers/process.ts'
import { measureApart, mediansOf } from '#bench/peers/run.ts'
import type { Figures } from '#bench/peers/workload.ts'
import { measureDisk } from '#bench/relay/disk.ts'
import { parseOptions } from './options.ts'
import { CLUSTER_PEER_VERSIONS, CLUSTER_PEERS_FOLDER, installClusterPeers } from './peers.ts'
import { type Measured, sectionText, writeReport } from './report.ts'
import { SECTIONS, type Section } from './sections.ts'
import { serviceVersions } from './versions.ts'

/** `npm run bench -- cluster [sections…] [--quick] [--runs n]` */

/** Rounds are interleaved: each takes every row once, so that a slow minute of the machine falls on all of them. */
const measureSection = async (section: Section, runs: number, isQuick: boolean): Promise<Measured> => {
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
  const table = new Map([...figures].map(([label, list]) => [label, mediansOf(list)]))
  return { section, runs, table, flaws }
}

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
  const folder = mkdtempSync(join(tmpdir(), 'council-cluster-'))
  try {
    const begun = performance.now()
    const disk = measureDisk(folder, 4_096, 2_000)
    const before = loadavg()[0] ?? Number.NaN
    const measured: Measured[] = []
    for (const section of SECTIONS.filter(({ id }) => sections.length === 0 || sections.includes(id))) {
      const outcome = await measureSection(section, runs ?? (isQuick ? 1 : section.runs), isQuick)
      console.log(`\n${sectionText(outcome)}`)
      measured.push(outcome)
    }
    const text = writeReport({
      command: `npm run bench -- cluster${words.map((word) => ` ${word}`).join('')}`,
      versions: { Node: process.version.slice(1), ...serviceVersions(), ...CLUSTER_PEER_VERSIONS },
      cores: { server: SERVER_CORE, load: LOAD_CORES },
      disk,
      load: [before, loadavg()[0] ?? Number.NaN],
      measured,
      notes: readFileSync(join(import.meta.dirname, 'NOTES.md'), 'utf8')
    })
    // A part of the tables must not stand where the whole stood.
    const path = join(import.meta.dirname, sections.length === 0 && !isQuick ? 'RESULTS.md' : '.peers/part.md')
    mkdirSync(CLUSTER_PEERS_FOLDER, { recursive: true })
    writeFileSync(path, text)
    console.log(`\n${Math.round((performance.now() - begun) / 1_000)} s; written to ${path}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
