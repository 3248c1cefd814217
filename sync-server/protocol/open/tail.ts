import { takeRun } from './held.ts'
import type { Ranges } from './ranges.ts'
import type { Clocks } from './state-vector.ts'

/**
 * The rows after the base, told without their bytes: `seq, size, deletes (0|1), runs, (client, from, to) per run`, one after the other. One flat list a
 * room, because an object a row would weigh more than the documents of a thousand small rooms.
 */
export type Tail = number[]

const HEAD = 4
const RUN = 3

const runsAt = (tail: Tail, at: number): number => tail[at + 3] ?? 0
const nextRow = (tail: Tail, at: number): number => at + HEAD + RUN * runsAt(tail, at)

/** @param runs flat: client, from, to */
export const appendRow = (tail: Tail, seq: number, size: number, deletes: boolean, runs: readonly number[]): void => {
  tail.push(seq, size, deletes ? 1 : 0, runs.length / RUN)
  for (let i = 0; i < runs.length; i++) tail.push(runs[i] ?? 0)
}

export interface TailRow {
  readonly seq: number
  readonly size: number
}

const lacks = (tail: Tail, at: number, clocks: Clocks): boolean => {
  const end = nextRow(tail, at)
  for (let i = at + HEAD; i < end; i += RUN) {
    if ((clocks.get(tail[i] ?? 0) ?? 0) < (tail[i + 2] ?? 0)) return true
  }
  return false
}

/**
 * The rows that a peer at `clocks` lacks.
 * @param deletesToo also the rows that delete something, which a state vector cannot tell
 */
export const rowsLacking = (tail: Tail, clocks: Clocks, deletesToo: boolean): TailRow[] => {
  const rows: TailRow[] = []
  for (let at = 0; at < tail.length; at = nextRow(tail, at)) {
    if ((deletesToo && tail[at + 2] === 1) || lacks(tail, at, clocks)) {
      rows.push({ seq: tail[at] ?? 0, size: tail[at + 1] ?? 0 })
    }
  }
  return rows
}

export const rowsAfter = (tail: Tail, seq: number): TailRow[] => {
  const rows: TailRow[] = []
  for (let at = 0; at < tail.length; at = nextRow(tail, at)) {
    if ((tail[at] ?? 0) > seq) rows.push({ seq: tail[at] ?? 0, size: tail[at + 1] ?? 0 })
  }
  return rows
}

/** What is left once everything up to `seq` is inside the base. */
export const tailAfter = (tail: Tail, seq: number): Tail => {
  let at = 0
  while (at < tail.length && (tail[at] ?? 0) <= seq) at = nextRow(tail, at)
  return tail.slice(at)
}

export const tailTotals = (tail: Tail): { readonly rows: number; readonly bytes: number } => {
  let rows = 0
  let bytes = 0
  for (let at = 0; at < tail.length; at = nextRow(tail, at)) {
    rows++
    bytes += tail[at + 1] ?? 0
  }
  return { rows, bytes }
}

/** Rows up to `upto` on top of a base: what they hold without a gap, and which of them lie behind one. */
export interface Settled {
  readonly clocks: Map<number, number>
  readonly behindGaps: ReadonlySet<number>
}

const takeRows = (tail: Tail, upto: number, without: ReadonlySet<number>, base: Clocks) => {
  const clocks = new Map(base)
  const islands: Ranges = new Map()
  for (let at = 0; at < tail.length && (tail[at] ?? 0) <= upto; at = nextRow(tail, at)) {
    if (without.has(tail[at] ?? 0)) continue
    const end = nextRow(tail, at)
    for (let i = at + HEAD; i < end; i += RUN) {
      takeRun(clocks, islands, tail[i] ?? 0, tail[i + 1] ?? 0, tail[i + 2] ?? 0)
    }
  }
  return { clocks, islands }
}

/**
 * A base must not have gaps: its state vector says all there is to know of it. So rows behind a gap stay rows, and so do those
 * that need them; leaving one out can open a gap for another, hence the rounds.
 */
export const settle = (tail: Tail, upto: number, base: Clocks): Settled => {
  const behindGaps = new Set<number>()
  for (;;) {
    const { clocks, islands } = takeRows(tail, upto, behindGaps, base)
    if (islands.size === 0) return { clocks, behindGaps }
    for (let at = 0; at < tail.length && (tail[at] ?? 0) <= upto; at = nextRow(tail, at)) {
      if (lacks(tail, at, clocks)) behindGaps.add(tail[at] ?? 0)
    }
  }
}
