import { expect, test } from 'vitest'
import { parseOptions } from './options.ts'

const parse = (...words: readonly string[]) =>
  parseOptions(words, { workloads: ['A50', 'A200', 'As', 'B'], servers: ['ours', 'ws', 'y-ws'] })

test('a letter stands for its workloads, servers come in the order of the tables', () => {
  expect(parse('a', 'B', '--quick', '--servers', 'y-ws,ours', '--runs', '3')).toEqual({
    ok: true,
    value: { workloads: ['A50', 'A200', 'As', 'B'], servers: ['ours', 'y-ws'], isQuick: true, runs: 3 }
  })
  expect(parse()).toEqual({
    ok: true,
    value: { workloads: [], servers: undefined, isQuick: false, runs: undefined }
  })
})

test('what it does not know it names', () => {
  expect(parse('Z')).toEqual({ ok: false, error: 'no workload Z; there are A50 A200 As B' })
  expect(parse('--servers', 'ws,nobody')).toMatchObject({ ok: false, error: expect.stringContaining('nobody') })
  expect(parse('--runs', '0')).toMatchObject({ ok: false })
})
