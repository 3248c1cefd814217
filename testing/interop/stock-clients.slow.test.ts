import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { editDocument } from '#testing/open-world/edits.ts'
import { createRandom } from '#testing/random.ts'
import { difference, openScene, type Scene, sameDocument } from './scene.ts'
import { eventually, GENERATIONS, plainMerge, type StockClient } from './stock-client.ts'

const allOf = (scene: Scene, room: string): StockClient[] =>
  GENERATIONS.map((generation) => scene.client(generation, room))

/** Yjs tidies up after formatting in each document that somebody reads, so a merge that nobody read knows fewer deletions. */
const asMerged = (doc: Y.Doc, plain: Y.Doc): boolean => [undefined, 'deletions'].includes(difference(doc, plain))

const converged = async (clients: readonly StockClient[]): Promise<void> => {
  const plain = plainMerge(clients)
  const [first] = clients.map(({ doc }) => doc)
  if (first === undefined) return
  await eventually(
    () => clients.every(({ doc }) => asMerged(doc, plain) && sameDocument(doc, first)),
    () => clients.map(({ generation, doc }) => [generation, difference(doc, plain), difference(doc, first)])
  )
}

const bytesOfDeletes = (doc: Y.Doc): number => Y.encodeStateAsUpdate(doc, Y.encodeStateVector(doc)).byteLength

test('[OR5] [OR8] three generations edit at once, offline, and over a killed relay, and end with a plain Yjs merge', async () => {
  await using scene = await openScene()
  const random = createRandom(31)
  const clients = allOf(scene, 'a/room of ключ')
  const [first, second, third] = clients as [StockClient, StockClient, StockClient]
  await eventually(() => clients.every(({ provider }) => provider.synced))
  for (let round = 0; round < 40; round++) for (const { doc } of clients) editDocument(doc, random)
  await converged(clients)

  second.provider.disconnect()
  for (let round = 0; round < 20; round++) for (const { doc } of clients) editDocument(doc, random)
  second.provider.connect()
  await converged(clients)

  for (let kills = 0; kills < 3; kills++) {
    for (let round = 0; round < 10; round++) for (const { doc } of clients) editDocument(doc, random)
    await scene.kill()
    for (let round = 0; round < 5; round++) for (const { doc } of [first, third]) editDocument(doc, random)
    await scene.start()
    await converged(clients)
  }
  const late = scene.client('3.1', 'a/room of ключ')
  await eventually(() => late.provider.synced)
  expect(sameDocument(late.doc, first.doc)).toBe(true)
})

test('[OR14] [OR16] who joins and who leaves is seen by all, once and without ghosts', async () => {
  await using scene = await openScene()
  const clients = allOf(scene, 'presence')
  const ids = (client: StockClient): number[] => [...client.provider.awareness.getStates().keys()].sort((a, b) => a - b)
  const idsOf = (some: readonly StockClient[]): number[] => some.map(({ doc }) => doc.clientID).sort((a, b) => a - b)
  const all = idsOf(clients)
  await eventually(
    () => clients.every((client) => String(ids(client)) === String(all)),
    () => clients.map(ids)
  )
  const [first, second, third] = clients as [StockClient, StockClient, StockClient]
  first.provider.awareness.setLocalState({ name: 'first', cursor: 7 })
  await eventually(() =>
    [second, third].every(
      ({ provider }) =>
        JSON.stringify(provider.awareness.getStates().get(first.doc.clientID)) === '{"name":"first","cursor":7}'
    )
  )
  // The line breaks and the same client comes back at once: nobody may end up without it.
  third.provider.disconnect()
  third.provider.connect()
  await eventually(
    () => [first, second].every((client) => String(ids(client)) === String(all)),
    () => clients.map(ids)
  )
  second[Symbol.dispose]()
  // A stock client that came back takes no notice of the others before they say something new.
  first.provider.awareness.setLocalState({ name: 'first', cursor: 8 })
  const left = idsOf([first, third])
  await eventually(
    () => [first, third].every((client) => String(ids(client)) === String(left)),
    () => [first, third].map(ids)
  )
})

test('[OR6] [OR7] a document of 20 MB reaches three generations, and coming back to it costs its deletions', async () => {
  await using scene = await openScene()
  const [writer] = [scene.client('3.1', 'large')]
  await eventually(() => writer.provider.synced)
  const line = 'a breath of forty characters, and a field\n'
  for (let part = 0; part < 200; part++) writer.doc.getText('text').insert(0, line.repeat(2_400))
  for (let cut = 0; cut < 50; cut++) writer.doc.getText('text').delete(cut * 300_000, 100)
  const readers = allOf(scene, 'large')
  const plain = plainMerge([writer])
  expect(Y.encodeStateAsUpdate(plain).byteLength).toBeGreaterThan(20_000_000)
  await eventually(
    () => readers.every(({ doc }) => sameDocument(doc, plain)),
    () => readers.map(({ doc }) => doc.getText('text').length),
    90_000
  )

  const bound = bytesOfDeletes(plain) + Y.encodeStateVector(plain).byteLength + 100
  for (const reader of readers) {
    reader.provider.awareness.setLocalState(null)
    reader.provider.disconnect()
    await eventually(() => !reader.provider.wsconnected)
    const before = reader.traffic.bytesIn
    reader.provider.connect()
    await eventually(() => reader.provider.synced)
    console.log(`${reader.generation}: back in a room of 20 MB for ${reader.traffic.bytesIn - before} bytes`)
    // Presence of the others comes too.
    expect(reader.traffic.bytesIn - before).toBeLessThan(bound + 200)
  }
})

test('[OR22] who is refused stops for good from 3.1 on, and is held instead of storming before', async () => {
  await using scene = await openScene({
    OPEN_ROOMS: 'token',
    OPEN_ROOMS_SECRET: 'a secret that is long enough to be one'
  })
  // One that is refused in the same room from the same address would be taken for the first coming back.
  const clients = GENERATIONS.map((generation) => scene.client(generation, `closed to ${generation}`))
  const [first, second, third] = clients as [StockClient, StockClient, StockClient]
  let final: unknown
  third.provider.on('closed', (event: { code: number }) => {
    final = event.code
  })
  await eventually(() => final === 4403)
  expect(third.provider.shouldConnect).toBe(false)
  for (const older of [first, second]) {
    await eventually(() => older.traffic.dials === 2 && older.provider.wsconnected)
    expect(older.traffic.closes).toEqual([4403])
  }
  // A storm would be four dials in this time.
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  for (const older of [first, second]) expect(older.traffic.dials).toBe(2)
  expect(third.traffic.dials).toBe(1)
  for (const { provider } of clients) expect(provider.synced).toBe(false)
})

test('[OR21] who only reads hears everything and changes nothing', async () => {
  await using scene = await openScene({ OPEN_ROOMS: 'read' })
  const readers = allOf(scene, 'a room to read')
  await eventually(() => readers.every(({ provider }) => provider.synced))
  const [first, second, third] = readers as [StockClient, StockClient, StockClient]
  first.write('not to be kept')
  await eventually(() => readers.every(({ provider }) => provider.awareness.getStates().size === 3))
  expect([second.text(), third.text()]).toEqual(['', ''])
  const late = scene.client('3.1', 'a room to read')
  await eventually(() => late.provider.synced)
  expect(late.text()).toBe('')
  expect(first.provider.wsconnected).toBe(true)
})
