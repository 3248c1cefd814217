import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hashFiles } from './build-app.ts'

const patterns = ['app/**/*']

test('the hash follows names and contents of the inputs, and not of tests or other files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'inputs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'app/ui'), { recursive: true })
  const put = (file: string, text: string): string => {
    writeFileSync(join(folder, file), text)
    return hashFiles(folder, patterns)
  }
  const first = put('app/ui/a.ts', '1')
  expect(put('app/ui/a.test.ts', 'x')).toBe(first)
  expect(put('README.md', 'x')).toBe(first)
  const second = put('app/ui/a.ts', '2')
  expect(second).not.toBe(first)
  expect(put('app/ui/b.ts', '')).not.toBe(second)
})
