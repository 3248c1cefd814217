import * as Y from 'yjs'
import type { Random } from '#testing/random.ts'

/** Random edits of a document that use all that Yjs can hold, so that whatever reads its bytes has read everything once. */

const WORDS = ['breath ', 'field', 'é', '🌿', 'ॐ ', '\ufeffmark', 'line\n', 'x', '語', '"[{']

/** Yjs itself does not converge where half of such a character is parted from the other: nothing is written inside one. */
const IN_TEXT = WORDS.filter((word) => word !== '🌿')

const anyValue = (random: Random, depth = 0): unknown =>
  random.pick<() => unknown>([
    () => null,
    () => undefined,
    () => random.chance(0.5),
    () => random.between(-1_000_000_000_000, 1_000_000_000_000),
    () => random.between(-70, 70),
    () => random.below(1_000) / 8,
    () => Math.PI * random.between(1, 9),
    () => BigInt(random.between(-5, 5)) * 1_000_000_007n,
    () => random.pick(WORDS).repeat(random.below(4)),
    () => random.bytes(random.below(6)),
    () => (depth > 2 ? 0 : Array.from({ length: random.below(4) }, () => anyValue(random, depth + 1))),
    () =>
      depth > 2
        ? {}
        : Object.fromEntries(
            Array.from({ length: random.below(3) }, (_, i) => [
              `${random.pick(WORDS)}${i}`,
              anyValue(random, depth + 1)
            ])
          )
  ])()

const jsonValue = (random: Random): string | number | boolean | null | Record<string, unknown> =>
  random.pick([true, null, 'bold', 12, { href: 'a"b\\', list: [1, [2, {}]] }, 'ünï'])

const cut = (random: Random, type: { readonly length: number; delete(at: number, length: number): void }): void => {
  if (type.length === 0) return
  const at = random.below(type.length)
  type.delete(at, random.between(1, Math.min(6, type.length - at)))
}

const editText = (text: Y.Text, random: Random): void => {
  const at = random.between(0, text.length)
  random.pick([
    () => text.insert(at, random.pick(IN_TEXT).repeat(random.between(1, 3))),
    () => text.insert(at, random.pick(IN_TEXT)),
    () => text.insert(at, 'bold', { bold: jsonValue(random) }),
    () => text.insertEmbed(at, { image: jsonValue(random) }),
    () => text.insertEmbed(at, new Y.Map([['k', 1]])),
    () => text.length > 1 && text.format(0, random.between(1, text.length), { em: jsonValue(random) }),
    () => cut(random, text)
  ])()
}

const nested = (random: Random): unknown =>
  random.pick<() => unknown>([
    () => new Y.Text('in'),
    () => Y.Array.from([1, 'two']),
    () => new Y.Map(Object.entries({ a: 1, b: [true] })),
    () => new Y.XmlElement('p'),
    () => new Y.XmlText('xml'),
    () => new Y.XmlFragment()
  ])()

/** An array takes these two only inside something. */
const arrayValue = (random: Random): unknown => {
  const value = anyValue(random)
  return value === undefined || typeof value === 'bigint' ? [value] : value
}

const editArray = (array: Y.Array<unknown>, random: Random): void => {
  const at = random.between(0, array.length)
  random.pick([
    () =>
      array.insert(
        at,
        Array.from({ length: random.between(1, 4) }, () => arrayValue(random))
      ),
    () => array.insert(at, [random.bytes(3)]),
    () => array.insert(at, [nested(random)]),
    () =>
      array.insert(at, [
        new Y.Doc({ guid: `sub-${random.below(1_000)}`, meta: { n: 1 }, autoLoad: random.chance(0.5) })
      ]),
    () => cut(random, array)
  ])()
}

const editMap = (map: Y.Map<unknown>, random: Random): void => {
  const key = random.pick(['a', 'b', 'ключ', ''])
  random.pick([
    () => map.set(key, anyValue(random)),
    () => map.set(key, nested(random)),
    () => map.delete(key),
    () => {
      const held = map.get(key)
      if (held instanceof Y.Text) editText(held, random)
      else if (held instanceof Y.Map) held.set('deep', anyValue(random))
      else if (held instanceof Y.Array) editArray(held, random)
    }
  ])()
}

const editXml = (xml: Y.XmlFragment, random: Random): void => {
  const at = random.between(0, xml.length)
  random.pick([
    () => {
      const element = new Y.XmlElement(random.pick(['p', 'h1', 'é']))
      xml.insert(at, [element])
      element.setAttribute('class', 'x')
      element.insert(0, [new Y.XmlText('words')])
    },
    () => xml.insert(at, [new Y.XmlText(random.pick(WORDS)), new Y.XmlHook('hook') as unknown as Y.XmlText]),
    () => {
      const first = xml.length > 0 ? xml.get(0) : undefined
      if (first instanceof Y.XmlElement) first.setAttribute(`a${random.below(3)}`, random.pick(WORDS))
    },
    () => cut(random, xml)
  ])()
}

/** One transaction of one to four edits. */
export const editDocument = (doc: Y.Doc, random: Random): void => {
  doc.transact(() => {
    for (let left = random.between(1, 4); left > 0; left--) {
      random.pick([
        () => editText(doc.getText('text'), random),
        () => editText(doc.getText('text'), random),
        () => doc.getText('signs').insert(0, random.pick(WORDS)),
        () => editArray(doc.getArray('array'), random),
        () => editMap(doc.getMap('map'), random),
        () => editXml(doc.getXmlFragment('xml'), random)
      ])()
    }
  })
}

/** Client ids as Yjs draws them, but from the seed. */
export const documentOf = (random: Random, gc = true): Y.Doc => {
  const doc = new Y.Doc({ gc, guid: 'document' })
  doc.clientID = random.below(2 ** 32)
  return doc
}

/** @returns stops watching. */
export const onUpdate = (doc: Y.Doc, heard: (update: Uint8Array, origin: unknown) => void): (() => void) => {
  doc.on('update', heard)
  return () => doc.off('update', heard)
}

/** Types and subdocuments as values that can be compared. */
const plain = (value: unknown): unknown => {
  if (value instanceof Y.Doc) return { subdocument: value.guid }
  if (value instanceof Y.AbstractType) return plain(value.toJSON())
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}

/** Content of a document as a value that can be compared; types of the same name are read alike on both sides. */
export const contentOf = (doc: Y.Doc): unknown =>
  plain({
    text: doc.getText('text').toDelta(),
    signs: doc.getText('signs').toString(),
    array: doc.getArray('array').toJSON(),
    map: doc.getMap('map').toJSON(),
    xml: doc.getXmlFragment('xml').toString()
  })

/**
 * Updates that several people made of one document, some having seen some of the others' work: in the order they were made, what each
 * began from inside.
 */
export const makeHistory = (random: Random, people: number, edits: number): Uint8Array[] => {
  const docs = Array.from({ length: people }, () => documentOf(random, random.chance(0.8)))
  const made: Uint8Array[] = []
  for (const doc of docs) onUpdate(doc, (update, origin) => origin !== 'heard' && made.push(update))
  for (let left = edits; left > 0; left--) {
    const doc = random.pick(docs)
    if (random.chance(0.3)) Y.applyUpdate(doc, Y.encodeStateAsUpdate(random.pick(docs)), 'heard')
    editDocument(doc, random)
  }
  for (const doc of docs) doc.destroy()
  return made
}
