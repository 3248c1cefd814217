import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { docBytes } from './bytes.ts'
import { readRelays, writeRelays } from './keyring-doc.ts'
import { journalPath } from './paths.ts'
import type { RelayName } from './ports.ts'
import { markSchema } from './schema.ts'

const FOUND = 'found.test' as RelayName

/** @param name who writes: of two who set one key the higher is heard. */
const keyring = (name: number, write: (doc: Y.Doc) => void, schema?: number): Uint8Array => {
  const doc = Object.assign(new Y.Doc(), { clientID: name })
  write(doc)
  markSchema(doc, schema)
  return Y.encodeStateAsUpdate(doc)
}

const meet = (phrase: Uint8Array, here: Uint8Array, brought = [journalPath(2026, 0)]) => {
  const all = [phrase, here]
  const settled = docBytes.settleKeyring({ ofPhrase: [phrase], all, brought, found: FOUND, writer: 3 })
  const doc = new Y.Doc()
  for (const update of all) Y.applyUpdate(doc, update)
  if (settled.update !== undefined) Y.applyUpdate(doc, settled.update)
  return { ...settled, doc }
}

const relay = (name: string, left: boolean) => ({ name, address: `https://${name}`, left })

test.each([1, 9])(
  '[JR23] relays of both stay, the word of the phrase counts, where it was found is chosen (%i)',
  (name) => {
    const phrase = keyring(5, (doc) =>
      writeRelays(doc, [relay('a.test', false), relay('b.test', true), relay(FOUND, true)])
    )
    const here = keyring(name, (doc) =>
      writeRelays(doc, [relay('a.test', true), relay('b.test', false), relay('c.test', false), relay(FOUND, false)])
    )
    expect(readRelays(meet(phrase, here).doc)).toEqual([
      relay('a.test', false),
      relay('b.test', true),
      relay('c.test', false),
      relay(FOUND, false)
    ])
  }
)

test.each([1, 9])('[JR23] what was settled is not settled again (%i)', (name) => {
  const phrase = keyring(5, (doc) => doc.getMap('settings').set('theme', 'paper'))
  const here = keyring(name, (doc) => {
    doc.getMap('settings').set('theme', 'night')
    doc.getMap('settings').set('of a later app', [1])
    doc.getMap('retired').set('2026/0', true)
  })
  const { update, doc } = meet(phrase, here)
  expect(doc.getMap('settings').toJSON()).toEqual({ theme: 'paper' })
  expect(doc.getMap('retired').toJSON()).toEqual({})
  if (update === undefined) throw new Error('nothing to settle')
  const again = meet(phrase, docBytes.merge([here, update]))
  expect(again.update).toBe(undefined)
})

test('[JR23] where nothing was written under the phrase, the settings of this device are its first', () => {
  const here = keyring(9, (doc) => doc.getMap('settings').set('theme', 'night'))
  expect(docBytes.settleKeyring({ ofPhrase: [], all: [here], brought: [], found: FOUND, writer: 3 })).toEqual({
    update: undefined,
    moves: []
  })
})

test('[JR18] the keyring of a later app is not written to when a phrase is taken over', () => {
  const phrase = keyring(1, (doc) => doc.getMap('settings').set('theme', 'paper'), 99)
  const here = keyring(9, (doc) => doc.getMap('settings').set('theme', 'night'))
  expect(meet(phrase, here).update).toBe(undefined)
})
