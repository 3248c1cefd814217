import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guardPage, guardPreloadHelper, integrity, integrityOf } from './vite-integrity.ts'

const folder = mkdtempSync(join(tmpdir(), 'integrity-'))
const built = (file: string): string => readFileSync(join(folder, 'dist', file), 'utf8')

beforeAll(async () => {
  mkdirSync(join(folder, 'app'))
  writeFileSync(
    join(folder, 'app/index.html'),
    '<!doctype html><link rel="icon" href="/i.svg"><body><script type="module" src="./main.js"></script>'
  )
  writeFileSync(join(folder, 'app/main.css'), 'body { color: red }')
  writeFileSync(join(folder, 'app/lazy.css'), 'p { color: red }')
  writeFileSync(
    join(folder, 'app/main.js'),
    "import './main.css'\nimport('./lazy.js').then((m) => m.go())\nimport('./alone.js').then((m) => m.go())"
  )
  writeFileSync(join(folder, 'app/lazy.js'), "import './lazy.css'\nexport const go = () => console.log('lazy')")
  writeFileSync(join(folder, 'app/alone.js'), "export const go = () => console.log('alone')")
  await build({
    configFile: false,
    root: join(folder, 'app'),
    logLevel: 'error',
    plugins: [integrity()],
    build: { outDir: '../dist', assetsInlineLimit: 0 }
  })
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every script and stylesheet tag of the page carries the digest of its file', () => {
  const tags = [...built('index.html').matchAll(/<(?:script|link)[^>]*(?:src|href)="\/(assets\/[^"]+)"[^>]*>/g)]
  expect(tags.length).toBeGreaterThanOrEqual(2)
  for (const [tag, file] of tags) expect(tag).toContain(`integrity="${integrityOf(built(file ?? ''))}"`)
})

test('every chunk that loads later has its digest in the page’s script, also one that needs no other', () => {
  const files = readdirSync(join(folder, 'dist/assets'))
  const entry = built(`assets/${files.find((file) => /^index-.*\.js$/.test(file))}`)
  const later = files.filter((file) => /^(?:lazy|alone)-/.test(file))
  expect(later.length).toBe(3)
  for (const file of later) expect(entry).toContain(`"assets/${file}":"${integrityOf(built(`assets/${file}`))}"`)
  const named = /m\.f=\[([^\]]*)\]/.exec(entry)?.[1] ?? ''
  for (const file of later) expect(named).toContain(file)
})

test('a helper that no longer looks as known stops the build', () => {
  expect(() => guardPreloadHelper('export const preload = () => {}')).toThrow('has changed')
})

test('what is no code, is not ours or is guarded stays as it is', () => {
  const page =
    '<link rel="icon" href="/i.svg"><script src="https://a/b.js"></script><script integrity="sha384-x" src="/a.js"></script>'
  expect(guardPage(page, () => 'sha384-y')).toBe(page)
})
