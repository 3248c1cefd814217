import fc from 'fast-check'
import { createEncoder, toUint8Array, writeVarUint } from 'lib0/encoding'
import { expect, test } from 'vitest'
import { writePermissionDenied } from 'y-protocols/auth'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { writeSyncStep1, writeSyncStep2, writeUpdate } from 'y-protocols/sync'
import * as Y from 'yjs'
import { decodePresences, encodePresences } from './awareness.ts'
import {
  decodeOpenMessage,
  encodeOwnUpdate,
  encodePermissionDenied,
  encodeStep1,
  encodeStep2,
  encodeUpdate
} from './messages.ts'
import { decodeStateVector, encodeStateVector } from './state-vector.ts'

const typed = (type: number, write: (encoder: ReturnType<typeof createEncoder>) => void): Uint8Array => {
  const encoder = createEncoder()
  writeVarUint(encoder, type)
  write(encoder)
  return toUint8Array(encoder)
}

const docWith = (text: string): Y.Doc => {
  const doc = new Y.Doc()
  doc.getText('t').insert(0, text)
  return doc
}

test('[OR2] sync messages are those of y-protocols, byte for byte', () => {
  for (const text of ['', 'short', 'long'.repeat(100_000)]) {
    const doc = docWith(text)
    const update = Y.encodeStateAsUpdate(doc)
    expect(encodeStep1(Y.encodeStateVector(doc))).toEqual(typed(0, (to) => writeSyncStep1(to, doc)))
    expect(encodeStep2(update)).toEqual(typed(0, (to) => writeSyncStep2(to, doc)))
    expect(encodeUpdate(update)).toEqual(typed(0, (to) => writeUpdate(to, update)))
    const roomy = new Uint8Array(16 + update.length)
    roomy.set(update, 16)
    const own = encodeOwnUpdate(roomy.subarray(16), 16)
    expect(own).toEqual(encodeUpdate(update))
    expect(own.buffer).toBe(roomy.buffer)
    // Without room before it, or as a part of something else, it is copied.
    expect(encodeOwnUpdate(update.slice(), 16)).toEqual(encodeUpdate(update))
    const large = new Uint8Array([...new Uint8Array(16).fill(7), ...update.subarray(0, 2), 7])
    expect(encodeOwnUpdate(large.subarray(16, 18), 16)).toEqual(encodeUpdate(update.subarray(0, 2)))
    expect(large.subarray(0, 16)).toEqual(new Uint8Array(16).fill(7))
    expect(decodeOpenMessage(encodeUpdate(update))).toEqual({ kind: 'update', update, exact: true })
    expect(decodeOpenMessage(encodeStep2(update))).toEqual({ kind: 'update', update, exact: false })
  }
  expect(encodePermissionDenied('no')).toEqual(typed(2, (to) => writePermissionDenied(to, 'no')))
})

test('[OR2] unknown types and trailing bytes are ignored', () => {
  expect(decodeOpenMessage(new Uint8Array([100, 1, 2])).kind).toBe('ignored')
  expect(decodeOpenMessage(new Uint8Array([2, 0])).kind).toBe('ignored')
  expect(decodeOpenMessage(new Uint8Array([3])).kind).toBe('query-awareness')
  const trailing = decodeOpenMessage(new Uint8Array([0, 2, 2, 0, 0, 9, 9]))
  expect(trailing).toEqual({ kind: 'update', update: new Uint8Array([0, 0]), exact: false })
})

test('[OR3] a known message that is cut short, or of no known step, is malformed', () => {
  for (const bytes of [[], [0], [0, 3, 0], [0, 0], [0, 2, 5, 1], [1], [1, 9, 0], [0x80]]) {
    expect([bytes, decodeOpenMessage(new Uint8Array(bytes)).kind]).toEqual([bytes, 'malformed'])
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void decodeOpenMessage(bytes)))
})

test('[OR2] state vectors and presences are written as Yjs and y-protocols write them', () => {
  const doc = docWith('one')
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(docWith('two')))
  const vector = Y.encodeStateVector(doc)
  const clocks = decodeStateVector(vector)
  expect(clocks.ok && encodeStateVector(clocks.value)).toEqual(vector)
  expect(decodeStateVector(new Uint8Array([3, 1])).ok).toBe(false)
  const awareness = new Awareness(doc)
  awareness.setLocalState({ name: 'é', cursor: null })
  const bytes = encodeAwarenessUpdate(awareness, [doc.clientID])
  const presences = decodePresences(bytes)
  if (!presences.ok) throw new Error('malformed')
  const message = decodeOpenMessage(encodePresences(presences.value))
  expect(message).toEqual({ kind: 'awareness', entries: bytes })
  awareness.destroy()
})
