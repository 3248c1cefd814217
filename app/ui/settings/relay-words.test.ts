import { expect, test } from 'vitest'
import type { RelayFacts } from '#app/sync/status.ts'
import { tellRelay, twinOf } from './relay-words.ts'

const away: RelayFacts = {
  relay: 'one.example',
  status: { kind: 'waiting', waiting: 2, why: 'relay-not-reached', until: null },
  lastAck: null,
  reached: null,
  key: null
}

test('a relay that never answered is told apart from one that did, where that is noted', () => {
  expect(tellRelay(away, true)).toEqual({ id: 'relays.never-reached', count: 2, since: null })
  expect(tellRelay({ ...away, reached: 5 }, true)).toEqual({ id: 'relays.not-reached-since', count: 2, since: 5 })
  expect(tellRelay(away, false)?.id).toBe('relays.not-reached')
  expect(tellRelay({ ...away, lastAck: 5 }, true)?.id).toBe('relays.not-reached')
})

test('a relay that is being dialled is not said to be away: a page that has just been opened has not asked it yet', () => {
  expect(tellRelay({ ...away, status: { kind: 'connecting', waiting: 0 }, reached: 5 }, true)?.id).toBe(
    'relays.connecting'
  )
})

test('two addresses with one key are told as one, at the second of them', () => {
  const [one, two] = [
    { ...away, key: 'k' },
    { ...away, relay: 'two.example', key: 'k' }
  ]
  expect(twinOf(two, [one, two])).toBe('one.example')
  expect(twinOf(one, [one, two])).toBe(null)
  expect(twinOf({ ...two, key: null }, [{ ...one, key: null }, two])).toBe(null)
})
