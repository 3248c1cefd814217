import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { CLOSE } from './close-codes.ts'
import { allRefusals, refusalCode, refusalFromCode, refusalRetry } from './refusal.ts'

const spec = readFileSync(resolve(import.meta.dirname, '../docs/spec/sealed-log.md'), 'utf8')

test('refusals have the numbers, names and advice of the text', () => {
  const [, listed = ''] = spec.split('Refusal codes (retry):')
  const written = [...(listed.split('\n\n')[0] ?? '').matchAll(/(\d+) ([a-z-]+) \((now|backoff|never)/g)]
  expect(written.map(([, code, name, retry]) => [Number(code), name, retry])).toEqual(
    allRefusals().map((name) => [refusalCode(name), name, refusalRetry(name)])
  )
  for (const name of allRefusals()) expect(refusalFromCode(refusalCode(name))).toBe(name)
  expect(refusalFromCode(0)).toBeUndefined()
  expect(refusalFromCode(99)).toBeUndefined()
})

test('close codes are those of the text', () => {
  const [, line = ''] = /^Close codes: (.*)$/m.exec(spec) ?? []
  const written = [...line.matchAll(/(?:^|· )(\d{4}) /g)].map(([, code]) => Number(code))
  expect(written).toEqual(Object.values(CLOSE).sort((a, b) => a - b))
})
