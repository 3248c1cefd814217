import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/**
 * @param ms added to every fsync and fdatasync of a process that is started with this environment. Needs a C compiler where it is not 0.
 * @param folder for the library.
 */
export const slowSyncEnv = (ms: number, folder: string): Readonly<Record<string, string>> => {
  if (ms === 0) return {}
  const library = join(folder, 'slow-sync.so')
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, 'slow-sync.c'), '-ldl'])
  return { LD_PRELOAD: library, SLOW_SYNC_MS: String(ms) }
}
