import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureCommand } from '#testing/services/debian-packages.ts'

/** Disks that misbehave on purpose, by a library loaded before the real one. */

/** @param name of a C file beside this one. @returns the path for LD_PRELOAD. */
export const buildShim = (name: string, folder: string): string => {
  ensureCommand('cc', ['gcc', 'libc6-dev'])
  const shim = join(folder, `${name}.so`)
  const source = join(import.meta.dirname, `${name}.c`)
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, source, '-ldl', '-lpthread'])
  return shim
}

const isDatabase = (name: string): boolean => /^council\.db(-wal)?$/.test(name)

/** What is there before the process starts is on the disk. */
export const settle = async (folder: string): Promise<void> => {
  const names = await readdir(folder)
  for (const name of names.filter((each) => each.includes('.synced'))) await rm(join(folder, name))
  for (const name of names.filter(isDatabase)) await copyFile(join(folder, name), join(folder, `${name}.synced`))
}

/** Puts what was synced in place of what was written. */
export const losePower = async (folder: string): Promise<void> => {
  for (const name of (await readdir(folder)).filter(isDatabase)) {
    const path = join(folder, name)
    if (existsSync(`${path}.synced`)) await rename(`${path}.synced`, path)
    else await rm(path)
  }
  await rm(join(folder, 'council.db-shm'), { force: true })
}
