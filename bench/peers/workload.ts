import type { RunningServer } from './process.ts'
import type { ServerName, ServerSpec } from './servers.ts'

/** What one run measured. `converged` 0 marks a run whose clients did not all get everything. */
export type Figures = Readonly<Record<string, number>>
/** Medians by server. */
export type Table = ReadonlyMap<ServerName, Figures>

export interface Setting {
  readonly spec: ServerSpec
  readonly isQuick: boolean
  /** Starts the server; a second time: with the same data. */
  start(): Promise<RunningServer>
}

export interface Column {
  readonly key: string
  readonly label: string
  readonly digits: number
}

export interface Verdict {
  readonly bar: string
  readonly figure: string
  /** undefined: nothing to judge by in this run. */
  readonly isMet: boolean | undefined
}

export interface Workload {
  readonly id: string
  readonly title: string
  readonly servers: readonly ServerName[]
  readonly columns: readonly Column[]
  /** Left out of the quick form unless it is named. */
  readonly isLongOnly?: boolean
  /** Repeated with 2 ms added to each fsync, for those that keep anything: in both forms, or in the long one. */
  readonly slowDisk?: 'both' | 'long'
  /** Runs of the long form, where five would take too long. */
  readonly runs?: number
  /** A run that takes longer is given up. */
  readonly limitMs?: number
  run(setting: Setting): Promise<Figures>
  judge(table: Table): readonly Verdict[]
}

export const figureOf = (table: Table, server: ServerName, key: string): number =>
  table.get(server)?.[key] ?? Number.NaN

/** `value` against `limit`: not above it. */
export const atMost = (bar: string, value: number, limit: number, show: (value: number) => string): Verdict => ({
  bar,
  figure: Number.isNaN(value) ? '-' : show(value),
  isMet: Number.isNaN(value) || Number.isNaN(limit) ? undefined : value <= limit
})

export const atLeast = (bar: string, value: number, limit: number, show: (value: number) => string): Verdict => ({
  bar,
  figure: Number.isNaN(value) ? '-' : show(value),
  isMet: Number.isNaN(value) || Number.isNaN(limit) ? undefined : value >= limit
})

/** A figure that the issue asks for without a bar. */
export const toldOnly = (bar: string, value: number, show: (value: number) => string): Verdict => ({
  bar,
  figure: Number.isNaN(value) ? '-' : show(value),
  isMet: undefined
})

export const times = (value: number): string => `${value.toFixed(2)}x`
export const kilobytes = (value: number): string => `${(value / 1_000).toFixed(1)} kB`
