import { expect, test } from 'vitest'
import { parseOptions } from './options.ts'

const KNOWN = ['rooms', 'acks']

test.each([
  [[], { sections: [], isQuick: false, runs: undefined }],
  [['acks', '--quick', '--runs', '2'], { sections: ['acks'], isQuick: true, runs: 2 }]
])('%j is understood', (words, value) => {
  expect(parseOptions(words, KNOWN)).toEqual({ ok: true, value })
})

test.each([[['nothing']], [['--runs']], [['--runs', '0']]])('%j is refused with a reason', (words) => {
  expect(parseOptions(words, KNOWN)).toMatchObject({
    ok: false,
    error: expect.stringMatching(/needs|there are rooms acks/)
  })
})
