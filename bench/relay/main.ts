import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type DiskFigures, quantile } from './disk.ts'
import { startRelay } from './process.ts'
import { slowSyncEnv } from './slow-sync.ts'
import { createWriter } from './writers.ts'

/** Durable pushes a second and how long an acknowledgement takes, with 1 and 1,000 writers, beside the same disk's raw fsync rate. */

const ENTRY_BYTES = 300
const ROUNDS = 5
const SECONDS = 4
/** Added to each sync in a second pass: a disk that syncs in microseconds hides what a commit costs. */
const SLOWER_BY_MS = [0, 2]

interface Figures {
  readonly perSecond: number
  readonly medianMs: number
  readonly p99Ms: number
  /** Of the relay's process, per 1,000 pushes. */
  readonly cpuMs: number
}

type Env = Readonly<Record<string, string>>

const measure = async (folder: string, writers: number, round: number, slow: Env): Promise<Figures> => {
  const relay = await startRelay(folder, slow)
  try {
    const all = []
    for (let i = 0; i < writers; i++) all.push(await createWriter(relay.host, `bench-${round}-${i}`, ENTRY_BYTES))
    await Promise.all(all.map((writer) => writer.push()))
    const took: number[] = []
    const cpu = relay.cpuSeconds()
    const begun = performance.now()
    const until = begun + SECONDS * 1_000
    await Promise.all(
      all.map(async (writer) => {
        while (performance.now() < until) took.push(await writer.push())
      })
    )
    const seconds = (performance.now() - begun) / 1_000
    const cpuMs = ((relay.cpuSeconds() - cpu) * 1_000_000) / took.length
    for (const writer of all) writer.close()
    return { perSecond: took.length / seconds, medianMs: quantile(took, 0.5), p99Ms: quantile(took, 0.99), cpuMs }
  } finally {
    await relay.stop()
  }
}

const medianOf = (figures: readonly Figures[], field: keyof Figures): number =>
  quantile(
    figures.map((each) => each[field]),
    0.5
  )

const measureDiskApart = (folder: string, times: number, slow: Env): DiskFigures => {
  const args = [join(import.meta.dirname, 'disk-process.ts'), folder, '4096', String(times)]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ...slow } }))
}

const pass = async (folder: string, slowerByMs: number): Promise<void> => {
  const slow = slowSyncEnv(slowerByMs, folder)
  const disk: DiskFigures[] = []
  const byWriters = new Map<number, Figures[]>([
    [1, []],
    [1_000, []]
  ])
  for (let round = 0; round < ROUNDS; round++) {
    disk.push(measureDiskApart(folder, slowerByMs === 0 ? 2_000 : 500, slow))
    for (const [writers, figures] of byWriters) {
      figures.push(await measure(mkdtempSync(join(folder, 'relay-')), writers, round, slow))
      process.stderr.write('.')
    }
  }
  process.stderr.write('\n')
  const middle = (field: keyof DiskFigures): number =>
    quantile(
      disk.map((each) => each[field]),
      0.5
    )
  const raw = middle('perSecond')
  console.log(
    `\ndisk${slowerByMs === 0 ? '' : `, each sync ${slowerByMs} ms longer`}: ${raw.toFixed(0)} appends of 4 kB with fdatasync a second, median ${middle('medianMs').toFixed(3)} ms each\n`
  )
  console.log(
    '| writers | durable pushes/s | of the raw fsync rate | ack median ms | ack p99 ms | relay CPU ms per 1,000 |'
  )
  console.log('|---:|---:|---:|---:|---:|---:|')
  for (const [writers, figures] of byWriters) {
    const perSecond = medianOf(figures, 'perSecond')
    const cells = [
      perSecond.toFixed(0),
      (perSecond / raw).toFixed(2),
      medianOf(figures, 'medianMs').toFixed(1),
      medianOf(figures, 'p99Ms').toFixed(1),
      medianOf(figures, 'cpuMs').toFixed(0)
    ]
    console.log(`| ${writers} | ${cells.join(' | ')} |`)
  }
}

export const run = async (): Promise<void> => {
  const load = loadavg()[0] ?? Number.NaN
  console.log(
    `node ${process.version}, ${ENTRY_BYTES} B entries, ${SECONDS} s a run, medians of ${ROUNDS} interleaved runs, load average before it ${load.toFixed(1)}`
  )
  for (const slowerByMs of SLOWER_BY_MS) {
    const folder = mkdtempSync(join(tmpdir(), 'council-bench-'))
    try {
      await pass(folder, slowerByMs)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
