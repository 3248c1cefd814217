import { readdirSync, readFileSync } from 'node:fs'

/** CPU seconds of a process and all below it: Postgres has a process for each connection. */

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended meanwhile.
    return ''
  }
}

const list = (path: string): readonly string[] => {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Nanoseconds on a core, which the scheduler keeps: ticks of 10 ms would lose what short bursts cost. */
export const cpuSecondsOf = (pid: number): number =>
  list(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] || 0) / 1e9,
    0
  )

const childrenOf = (pid: number): readonly number[] =>
  list(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((each) => each !== '')
      .map(Number)
  )

const TICKS = 100

/** What children that have ended spent, in ticks: a connection's process is gone when the figures are read. */
const endedSeconds = (pid: number): number => {
  const stat = read(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) / TICKS
}

export const familySeconds = (pid: number): number =>
  cpuSecondsOf(pid) + endedSeconds(pid) + childrenOf(pid).reduce((sum, child) => sum + familySeconds(child), 0)
