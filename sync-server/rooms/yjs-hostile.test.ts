import fc from 'fast-check'
import * as encoding from 'lib0/encoding'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { makeHistory } from '#testing/open-world/edits.ts'
import { createRandom } from '#testing/random.ts'
import { expectSameFacts } from './yjs.fixture.ts'
import { emptyUpdate, mergeUpdates, readUpdate } from './yjs.ts'

/** Updates that no Yjs wrote. */

test('whatever is read without fault, Yjs reads too, merges and writes; whatever breaks Yjs is refused', () => {
  let read = 0
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const random = createRandom(seed)
      const update = random.pick(makeHistory(random, 2, 6)).slice()
      for (let left = random.between(1, 3); left > 0; left--) {
        const at = random.below(update.length)
        update[at] = random.pick([random.below(256), 0, 10, 0xff, (update[at] ?? 0) ^ (1 << random.below(8))])
      }
      const broken = random.chance(0.3) ? update.slice(0, random.below(update.length)) : update
      const facts = readUpdate(broken)
      if (facts.ok) {
        read++
        expectSameFacts(broken)
        expect(readUpdate(mergeUpdates([broken, new Uint8Array([0, 1, 5, 1, 0, 1])])).ok).toBe(true)
        return
      }
      expect(isReadByYjs(broken) && !isMoreThanYjsChecks(broken), `seed ${seed}`).toBe(false)
    }),
    { numRuns: 1_500 }
  )
  expect(read).toBeGreaterThan(100)
})

const isReadByYjs = (update: Uint8Array): boolean => {
  try {
    Y.decodeUpdate(update)
    return true
  } catch {
    return false
  }
}

/** The three things refused that Yjs reads. */
const isMoreThanYjsChecks = (update: Uint8Array): boolean => {
  const { structs, ds } = Y.decodeUpdate(update)
  const clients = structs.map(({ id }) => id.client)
  const descends = clients.every((client, i) => i === 0 || client <= (clients[i - 1] ?? 0))
  const ends = [
    ...structs.flatMap((struct) => [struct.id.client, struct.id.clock + struct.length]),
    ...structs
      .flatMap((struct) => (struct instanceof Y.Item ? [struct.origin, struct.rightOrigin, struct.parent] : []))
      .flatMap((id) => (id instanceof Y.ID ? [id.client, id.clock] : [])),
    ...[...ds.clients].flatMap(([client, list]) => [client, ...list.map(({ clock, len }) => clock + len)])
  ]
  const hasSubdocOfAnotherKind = structs.some(
    (struct) => struct instanceof Y.Item && struct.content instanceof Y.ContentDoc
  )
  return (
    !descends || ends.some((end) => end > Number.MAX_SAFE_INTEGER) || hasSubdocOfAnotherKind || hasEmptySections(update)
  )
}

/** A client without structs is not seen in what Yjs decodes, but may be out of order. */
const hasEmptySections = (update: Uint8Array): boolean =>
  (update[0] ?? 0) !== new Set(Y.decodeUpdate(update).structs.map(({ id }) => id.client)).size

const written = (write: (to: encoding.Encoder) => void): Uint8Array => {
  const to = encoding.createEncoder()
  write(to)
  return encoding.toUint8Array(to)
}

/** One client, one item whose parent is the root type "t". */
const itemOf = (ref: number, content: (to: encoding.Encoder) => void): Uint8Array =>
  written((to) => {
    for (const number of [1, 1, 7, 0]) encoding.writeVarUint(to, number)
    encoding.writeUint8(to, ref)
    encoding.writeVarUint(to, 1)
    encoding.writeVarString(to, 't')
    content(to)
    encoding.writeVarUint(to, 0)
  })

const nestedAny = (depth: number) => (to: encoding.Encoder) => {
  encoding.writeVarUint(to, 1)
  for (let i = 0; i < depth; i++) {
    encoding.writeUint8(to, 117)
    encoding.writeVarUint(to, 1)
  }
  encoding.writeUint8(to, 126)
}

test('hostile updates are refused and cost no more than their bytes', () => {
  const huge = 2 ** 52
  const numbers = (...list: number[]) =>
    written((to) => {
      for (const number of list) encoding.writeVarUint(to, number)
    })
  const hostile: [string, Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['a count of clients with none', numbers(huge)],
    ['a count of structs with none', numbers(1, huge, 1, 0)],
    ['a count of deletions with none', numbers(0, 1, 1, huge)],
    ['a count of clients that delete with none', numbers(0, huge)],
    ['a count of values with none', itemOf(8, (to) => encoding.writeVarUint(to, huge))],
    ['a count of JSON values with none', itemOf(2, (to) => encoding.writeVarUint(to, huge))],
    ['a text longer than the update', itemOf(4, (to) => encoding.writeVarUint(to, huge))],
    ['bytes longer than the update', itemOf(3, (to) => encoding.writeVarUint(to, huge))],
    ['values nested 100,000 deep', itemOf(8, nestedAny(100_000))],
    [
      'JSON nested 100,000 deep',
      itemOf(5, (to) => encoding.writeVarString(to, '['.repeat(100_000) + ']'.repeat(100_000)))
    ],
    ['JSON that is none', itemOf(5, (to) => encoding.writeVarString(to, '{"a":'))],
    ['text that is not UTF-8', itemOf(4, (to) => encoding.writeVarUint8Array(to, new Uint8Array([0xc0, 0x80])))],
    ['half a character', itemOf(4, (to) => encoding.writeVarUint8Array(to, new Uint8Array([0xe2, 0x82])))],
    ['a surrogate', itemOf(4, (to) => encoding.writeVarUint8Array(to, new Uint8Array([0xed, 0xa0, 0x80])))],
    ['a type nobody knows', itemOf(7, (to) => encoding.writeVarUint(to, 7))],
    ['content nobody knows', itemOf(11, (to) => encoding.writeVarUint(to, 1))],
    ['a skip that claims to be an item', itemOf(10 | 0x20, (to) => encoding.writeVarUint(to, 1))],
    [
      'a subdocument without options',
      itemOf(9, (to) => {
        encoding.writeVarString(to, 'guid')
        encoding.writeAny(to, null)
      })
    ],
    ['clocks beyond a number', numbers(1, 2, 1, Number.MAX_SAFE_INTEGER - 1, 0, 1, 0, 5, 0)],
    ['the same client twice', numbers(2, 1, 7, 0, 0, 1, 1, 7, 1, 0, 1, 0)],
    ['clients that ascend', numbers(2, 1, 1, 0, 0, 1, 1, 7, 0, 0, 1, 0)]
  ]
  for (const [name, bytes] of hostile) expect(readUpdate(bytes), name).toEqual({ ok: false, error: 'undecodable' })
  const fine = itemOf(8, nestedAny(400))
  expect(readUpdate(fine).ok).toBe(true)
  expect(readUpdate(mergeUpdates([fine, emptyUpdate])).ok).toBe(true)
})

test('every cut of an update is refused, and what follows one is not read', () => {
  const random = createRandom(11)
  for (const update of makeHistory(random, 2, 30)) {
    for (let end = 0; end < update.length; end++) expect(readUpdate(update.subarray(0, end)).ok).toBe(false)
    const longer = new Uint8Array(update.length + 3).fill(0xff)
    longer.set(update)
    expect(readUpdate(longer)).toEqual(readUpdate(update))
  }
})
