import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

type Locked = {
  readonly version?: string
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lock = JSON.parse(readFileSync(join(resolve(import.meta.dirname, '..'), 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>
}
const names = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')))

// npm leaves out other platforms' packages when it writes the lock beside an installed node_modules, and `npm ci` then refuses everywhere.
test('the lock file names every platform’s packages: write it without node_modules if this fails', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !names.has(name))
      .map((name) => `${name} of ${path}`)
  )
  expect(names.size).toBeGreaterThan(300)
  expect(missing).toEqual([])
})

test('the lock file names no host: each machine fetches from its own registry', () => {
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([])
})
