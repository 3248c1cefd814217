import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { isNewer, type Migration, markSchema, migrate, SCHEMA_VERSION, schemaVersionOf } from './schema.ts'

const meet = (a: Y.Doc, b: Y.Doc): void => {
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b))
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a))
}

test('[JR18] of two schema marks set at once the higher counts on both devices', () => {
  for (const [first, second] of [
    [1, 2],
    [2, 1]
  ] as const) {
    const docs = [
      Object.assign(new Y.Doc(), { clientID: first }),
      Object.assign(new Y.Doc(), { clientID: second })
    ] as const
    markSchema(docs[0], SCHEMA_VERSION)
    markSchema(docs[1], SCHEMA_VERSION + 1)
    meet(...docs)
    for (const doc of docs) expect([schemaVersionOf(doc), isNewer(doc)]).toEqual([SCHEMA_VERSION + 1, true])
  }
  expect(schemaVersionOf(new Y.Doc())).toBe(0)
})

test('[JR20] two devices that migrate at once agree, and a migration runs once', () => {
  const migrations: readonly Migration[] = [
    { to: 3, run: (doc) => doc.getMap('m').set('c', `${doc.getMap('m').get('b')}!`) },
    { to: 2, run: (doc) => doc.getMap('m').set('b', `${doc.getMap('m').get('a')}?`) }
  ]
  const [one, two] = [new Y.Doc(), new Y.Doc()]
  one.getMap('m').set('a', 'x')
  markSchema(one, 1)
  meet(one, two)
  expect([migrate(one, migrations), migrate(two, migrations)]).toEqual([true, true])
  meet(one, two)
  expect(one.getMap('m').toJSON()).toEqual({ a: 'x', b: 'x?', c: 'x?!' })
  expect(two.getMap('m').toJSON()).toEqual(one.getMap('m').toJSON())
  expect([schemaVersionOf(one), migrate(one, migrations), migrate(new Y.Doc(), migrations)]).toEqual([3, false, false])
})
