import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureCommand } from '#testing/services/debian-packages.ts'

/** What a process with its store in council.db writes, syncs and says, as strace sees it from outside. */
export interface Trace {
  /** Goes before the command that is watched. */
  readonly wrapper: readonly string[]
  /** @param answer matches a line in which the process says that something is kept. @returns how often it did, and how often with no sync since the last write to the log */
  read(answer: RegExp): Promise<{ readonly answers: number; readonly unsynced: number }>
}

const CALLS = 'trace=pwrite64,fdatasync,fsync,write,writev,sendmsg,sendto'

const count = (text: string, answer: RegExp): { readonly answers: number; readonly unsynced: number } => {
  let written = false
  let writtenSinceSync = false
  let answers = 0
  let unsynced = 0
  for (const line of text.split('\n')) {
    const isLog = line.includes('council.db-wal>')
    // A call that another thread interrupts is printed in two halves: it counts when it has returned.
    if (isLog && line.includes('pwrite64(')) {
      written = true
      writtenSinceSync = true
    } else if (/(fdatasync|fsync)/.test(line) && (isLog || line.includes('resumed')) && / = 0$/.test(line)) {
      writtenSinceSync = false
    } else if (answer.test(line)) {
      answers++
      if (writtenSinceSync || !written) unsynced++
      written = false
    }
  }
  return { answers, unsynced }
}

export const createTrace = (folder: string): Trace => {
  ensureCommand('strace')
  const file = join(folder, 'trace')
  return {
    wrapper: ['strace', '-f', '-y', '-x', '-s', '64', '-e', CALLS, '-o', file],
    read: async (answer) => count(await readFile(file, 'utf8'), answer)
  }
}
