import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { buildShim } from '#server/durability/power.ts'
import { handOver, serviceFolder } from './service-process.ts'

/** A disk of a few megabytes, to be filled to its last byte and freed again. */
export interface SmallDisk extends AsyncDisposable {
  /** Empty, and writable by nobody. */
  readonly path: string
  /** What it really is, for those who read what was shown. */
  readonly kind: SmallDiskKind
  /** Programs see the disk that are started with these. */
  readonly wrapper: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** From here on there is no room for another byte. */
  fill(): Promise<void>
  free(): Promise<void>
}

/**
 * A file system in memory of this size, where the tests may mount one; the same in a user namespace of its own, where they may have one;
 * else an ordinary folder and a library before the real one, which says that there is no room (sync-server/durability/full.c).
 */
export type SmallDiskKind = 'tmpfs' | 'tmpfs in a user namespace' | 'shim'

const FILLER = 'filler'

const mountCommand = (path: string, megabytes: number): string[] => [
  'mount',
  '-t',
  'tmpfs',
  '-o',
  `size=${megabytes}m,mode=0777`,
  'council-test',
  path
]

const UNSHARE = ['unshare', '--user', '--map-current-user', '--keep-caps', '--mount', '--']

/** After the namespace is made, which forgets it. */
const AS_LONG_AS_WE_LIVE = ['setpriv', '--pdeathsig', 'KILL', '--']

const succeeds = ([command = '', ...args]: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0

type Opened = Omit<SmallDisk, 'kind' | 'path'>

/** Writes zeros until the disk takes no more. */
const fillWith = (command: readonly string[], file: string): void => {
  const [first = 'dd', ...rest] = [...command, 'dd', 'if=/dev/zero', `of=${file}`, 'bs=4k']
  // It ends with the error that is wanted.
  spawnSync(first, rest, { stdio: 'ignore' })
}

const openMounted = (path: string): Opened => ({
  wrapper: [],
  env: {},
  fill: async () => fillWith([], join(path, FILLER)),
  free: () => rm(join(path, FILLER), { force: true }),
  [Symbol.asyncDispose]: async () => void execFileSync('umount', ['--lazy', path])
})

/** The namespace lives as long as the process that holds it; what is in it is seen from within alone. */
const openInNamespace = async (path: string, megabytes: number): Promise<Opened> => {
  const script = `${mountCommand(path, megabytes).join(' ')} && echo ready && exec sleep infinity`
  const [command = '', ...args] = [...UNSHARE, ...AS_LONG_AS_WE_LIVE, 'sh', '-c', script]
  const holder = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const failed = once(holder, 'exit').then(() =>
    Promise.reject(new Error('no namespace with a file system of its own'))
  )
  await Promise.race([once(holder.stdout, 'data'), failed])
  failed.catch(() => undefined)
  const inside = ['nsenter', `--target=${holder.pid}`, '--user', '--mount', '--preserve-credentials', '--']
  return {
    wrapper: inside,
    env: {},
    fill: async () => fillWith(inside, join(path, FILLER)),
    free: async () => void succeeds([...inside, 'rm', join(path, FILLER)]),
    async [Symbol.asyncDispose]() {
      holder.kill('SIGKILL')
      await once(holder, 'exit')
    }
  }
}

const openShim = async (path: string, folder: string): Promise<Opened> => {
  const [shim, full] = [buildShim('full', folder), join(folder, 'full-disk')]
  await handOver(shim)
  const free = (): Promise<void> => rm(full, { force: true })
  return {
    wrapper: [],
    env: { LD_PRELOAD: shim, FULL_DISK: full },
    fill: () => writeFile(full, `${path}/`),
    free,
    [Symbol.asyncDispose]: free
  }
}

const canMount = (path: string): boolean => {
  const isMounted = succeeds(mountCommand(path, 1))
  if (isMounted) execFileSync('umount', [path])
  return isMounted
}

export const canUnshare = (path: string): boolean => succeeds([...UNSHARE, ...mountCommand(path, 1)])

export const bestSmallDisk = (path: string): SmallDiskKind => {
  if (canMount(path)) return 'tmpfs'
  // Who runs services as another user than itself cannot have them in a namespace of its own.
  return process.getuid?.() !== 0 && canUnshare(path) ? 'tmpfs in a user namespace' : 'shim'
}

/** @param kind the best that this machine lets us have, unless given */
export const openSmallDisk = async (megabytes: number, kind?: SmallDiskKind): Promise<SmallDisk> => {
  const folder = await serviceFolder('small-disk')
  const path = join(folder.path, 'disk')
  await mkdir(path)
  // Whoever runs the services, and whatever they are called in a namespace.
  await chmod(folder.path, 0o755)
  await chmod(path, 0o777)
  const chosen = kind ?? bestSmallDisk(path)
  const open = async (): Promise<Opened> => {
    if (chosen === 'shim') return openShim(path, folder.path)
    if (chosen === 'tmpfs in a user namespace') return openInNamespace(path, megabytes)
    const [command = '', ...args] = mountCommand(path, megabytes)
    execFileSync(command, args)
    return openMounted(path)
  }
  const opened = await open()
  return {
    ...opened,
    path,
    kind: chosen,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    }
  }
}
