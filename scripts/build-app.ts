import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { build } from 'vite'
import { integrityOf } from './vite-integrity.ts'

const root = resolve(import.meta.dirname, '..')
const dist = join(root, 'dist/app')
/** Built aside and then put in place: a relay that starts meanwhile reads the old app whole. */
const next = join(root, 'dist/app.next')
/** Beside the app, not in it: nobody is served this. */
const stamp = join(root, 'dist/app.inputs')

/** Everything the built app is made from. */
const inputs = [
  'app/**/*',
  'core/**/*',
  'public/**/*',
  'package-lock.json',
  'vite.config.ts',
  'lingui.config.ts',
  'tsconfig.json',
  'scripts/{vite-integrity,build-app}.ts'
]
const isTest = /\.(?:test|contract|arbitrary)\.tsx?$/

const filesOf = (folder: string, patterns: readonly string[]): string[] =>
  patterns
    .flatMap((pattern) => globSync(pattern, { cwd: folder, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

/** One hash over names and contents, the same on every machine. */
export const hashFiles = (folder: string, patterns: readonly string[]): string => {
  const hash = createHash('sha256')
  for (const file of filesOf(folder, patterns)) {
    if (isTest.test(file)) continue
    const bytes = readFileSync(file)
    hash.update(`${file.slice(folder.length + 1).replaceAll(sep, '/')}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

/** What a person can compare with what another server hands out: every file of this build and its digest. */
const writeDigests = (): void => {
  const digests = filesOf(next, ['**/*']).map((file) => ({
    file: file.slice(next.length + 1).replaceAll(sep, '/'),
    digest: integrityOf(readFileSync(file))
  }))
  writeFileSync(join(next, 'digests.json'), `${JSON.stringify(digests, null, 1)}\n`)
}

/** Builds the app into dist/app. With `onlyIfChanged`, not when the last build was made from the same inputs. */
export const buildApp = async ({
  onlyIfChanged
}: {
  readonly onlyIfChanged: boolean
}): Promise<'built' | 'unchanged'> => {
  const hash = hashFiles(root, inputs)
  const isFresh = existsSync(join(dist, 'digests.json')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
  if (onlyIfChanged && isFresh) return 'unchanged'
  await build({
    configFile: join(root, 'vite.config.ts'),
    root: join(root, 'app'),
    logLevel: 'warn',
    build: { outDir: next }
  })
  writeDigests()
  rmSync(dist, { recursive: true, force: true })
  renameSync(next, dist)
  writeFileSync(stamp, hash)
  return 'built'
}
