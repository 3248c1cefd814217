import { readFileSync } from 'node:fs'

/** What Linux tells of a process. */

/** Clock ticks a second of /proc/<pid>/stat: 100 on every Linux that Node supports. */
const TICKS = 100

/** User and system seconds of all its threads since it began, from the text of /proc/<pid>/stat. */
export const cpuSecondsOf = (stat: string): number => {
  // The command's name is in brackets and may hold blanks and brackets: fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/** A field of /proc/<pid>/status given in kB, in bytes. */
export const statusBytes = (status: string, field: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1_024

const read = (pid: number, name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8')

export const cpuSeconds = (pid: number): number => cpuSecondsOf(read(pid, 'stat'))
/** Of the thread that runs the event loop. */
export const mainThreadSeconds = (pid: number): number => Number(read(pid, `task/${pid}/schedstat`).split(' ')[0]) / 1e9
export const rss = (pid: number): number => statusBytes(read(pid, 'status'), 'VmRSS')
/** The highest RSS it ever had. */
export const peakRss = (pid: number): number => statusBytes(read(pid, 'status'), 'VmHWM')
/** Bytes that it read from files and sockets. */
export const bytesRead = (pid: number): number => Number(/^rchar: (\d+)/m.exec(read(pid, 'io'))?.[1])

/** Cores this process may run on. */
export const allowedCores = (): readonly number[] => {
  const list = /^Cpus_allowed_list:\s+(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return coresOf(list)
}

export const coresOf = (list: string): readonly number[] =>
  list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
