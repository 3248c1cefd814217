import { expect, test } from 'vitest'
import { isolate } from './isolate.ts'

test('what stands in a sentence of another direction is set apart; numbers and nothing are left as they are', () => {
  expect(isolate({ relay: 'relay.example:8080', count: 2, when: '' })).toEqual({
    relay: '\u2068relay.example:8080\u2069',
    count: 2,
    when: ''
  })
})
