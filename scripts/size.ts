import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Counted } from './steps.ts'

const dist = resolve(import.meta.dirname, '../dist/app')

const FIRST_ROUTE_JS_BYTES_GZ = 150_000
const PRECACHE_BYTES = 1_500_000

const read = (file: string): Buffer => readFileSync(join(dist, file))

/** Files that a page's tags load before anything is tapped, and what these import without waiting. */
const firstRouteScripts = (): Set<string> => {
  const html = read('index.html').toString('utf8')
  const files = new Set([...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file ?? ''))
  for (const file of files) {
    const code = read(file).toString('utf8')
    for (const [, name] of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) files.add(`assets/${name}`)
  }
  return files
}

/** What the service worker's list names, by the same files. */
const precached = (): string[] => {
  const worker = read('sw.js').toString('utf8')
  return [...worker.matchAll(/["']?url["']?:\s*["'`]([^"'`]+)["'`]/g)]
    .map(([, url]) => url ?? '')
    .filter((url) => globSync(url, { cwd: dist }).length > 0)
}

const gate = (name: string, bytes: number, limit: number): { readonly ok: boolean; readonly line: string } => ({
  ok: bytes > 0 && bytes <= limit,
  line: `${name}: ${(bytes / 1000).toFixed(1)} kB of ${limit / 1000} kB`
})

/** First-route JavaScript (gzip) and the precache, measured from the built files. */
export const sizeGates = async (): Promise<Counted> => {
  const scripts = [...firstRouteScripts()].map((file) => gzipSync(read(file), { level: 9 }).length)
  const cached = precached().map((file) => read(file).length)
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0)
  const gates = [
    gate('first-route JavaScript, gzip', sum(scripts), FIRST_ROUTE_JS_BYTES_GZ),
    gate('precache', sum(cached), PRECACHE_BYTES)
  ]
  for (const { line } of gates) console.log(`  ${line}`)
  return { passed: gates.filter(({ ok }) => ok).length, failed: gates.filter(({ ok }) => !ok).length, output: '' }
}
