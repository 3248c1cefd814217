import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface DiskFigures {
  readonly perSecond: number
  readonly medianMs: number
  readonly p99Ms: number
}

/** What the disk itself can do, by the plainest loop there is: append a block, fdatasync, again. */
export const measureDisk = (folder: string, blockBytes: number, times: number): DiskFigures => {
  const scratch = mkdtempSync(join(folder, 'disk-'))
  const file = openSync(join(scratch, 'log'), 'a')
  const block = Buffer.alloc(blockBytes, 7)
  const took: number[] = []
  const begun = performance.now()
  for (let i = 0; i < times; i++) {
    const start = performance.now()
    writeSync(file, block)
    fdatasyncSync(file)
    took.push(performance.now() - start)
  }
  const seconds = (performance.now() - begun) / 1_000
  closeSync(file)
  rmSync(scratch, { recursive: true })
  return { perSecond: times / seconds, medianMs: quantile(took, 0.5), p99Ms: quantile(took, 0.99) }
}

/** @param q 0..1; nearest rank on a copy. */
export const quantile = (values: readonly number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}
