import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DiskFigures } from '#bench/relay/disk.ts'
import type { Outcome } from './run.ts'
import type { ServerName } from './servers.ts'
import type { Figures, Workload } from './workload.ts'

/** What was measured last of each workload: they may be measured apart, on different days, and the report holds all. */

export interface Circumstances {
  readonly runs: number
  readonly isQuick: boolean
  /** undefined: those of the form. */
  readonly servers?: readonly ServerName[]
  readonly fsync: Pick<DiskFigures, 'medianMs' | 'perSecond'>
  /** Load average of the minute before and the minute after. */
  readonly load: readonly [before: number, after: number]
}

export interface Measured extends Circumstances, Outcome {
  readonly workload: Workload
}

/** As in the file: an absent number is null there. */
interface Kept extends Circumstances {
  readonly table: Readonly<Partial<Record<ServerName, Figures>>>
  readonly flaws: Readonly<Partial<Record<ServerName, readonly string[]>>>
}

const FOLDER = join(import.meta.dirname, 'figures')
const fileOf = (id: string, isSlowed: boolean): string => join(FOLDER, `${id}${isSlowed ? '-slowed' : ''}.json`)

export const keepFigures = ({ workload, table, flaws, ...rest }: Measured, isSlowed: boolean): void => {
  const kept: Kept = { ...rest, table: Object.fromEntries(table), flaws: Object.fromEntries(flaws) }
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(fileOf(workload.id, isSlowed), `${JSON.stringify(kept, undefined, 2)}\n`)
}

/** @returns undefined where it was never measured */
export const keptFigures = (workload: Workload, isSlowed: boolean): Measured | undefined => {
  const file = fileOf(workload.id, isSlowed)
  if (!existsSync(file)) return undefined
  const { table, flaws, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Kept
  return {
    ...rest,
    workload,
    table: new Map(Object.entries(table) as [ServerName, Figures][]),
    flaws: new Map(Object.entries(flaws) as [ServerName, readonly string[]][])
  }
}
