import { expect, test } from 'vitest'
import * as Y from 'yjs'
import type { Merger } from '#server/rooms/open-ports.ts'
import { createRandom } from '#testing/random.ts'
import { room, soonRewritten, writeRows } from './compaction-rig.fixture.ts'
import { typeLetters } from './letters.fixture.ts'
import type { Client } from './open-rig.fixture.ts'

test('[OR11] a base that is not what it should be replaces nothing, and is tried again later', async () => {
  const liars: ((merger: Merger) => Partial<Merger>)[] = [
    () => ({ rebuild: async () => ({ ok: false, error: 'differs' }) as const }),
    (merger) => ({ rebuild: (base, rows) => merger.rebuild(base, rows.slice(1)) }),
    (merger) => ({
      async rebuild(base, rows) {
        const made = await merger.rebuild(base, rows)
        return made.ok ? { ok: true, value: { ...made.value, deletes: new Uint8Array([0, 0]) } } : made
      }
    }),
    () => ({ rebuild: () => Promise.reject(new Error('the thread died')) })
  ]
  for (const merger of liars) {
    const { rig, log } = soonRewritten({ merger })
    const alice = rig.client('room')
    await rig.run()
    alice.write('gone ')
    alice.doc.getText('text').delete(0, 5)
    await writeRows(rig, alice, 8)
    const record = await log.load(room)
    expect(record.ok && [record.value.base, record.value.tailRows]).toEqual([undefined, 8])
    expect(rig.relay.counters.failedRebuilds).toBe(1)
    const bob = rig.client('room')
    await rig.run()
    expect(bob.text()).toBe(alice.text())
    await rig.run(61_000)
    await writeRows(rig, alice, 1)
    expect(rig.relay.counters.failedRebuilds).toBe(2)
  }
})

test('[OR11] a staged base that reads back changed is not adopted', async () => {
  let isWrong = true
  const { rig, log } = soonRewritten({
    log: (inner) => ({
      async readBase(...args) {
        const read = await inner.readBase(...args)
        if (!isWrong || !read.ok || read.value === undefined) return read
        const changed = read.value.slice()
        changed[changed.length - 1] = 99
        return { ok: true, value: changed }
      }
    })
  })
  const alice = rig.client('room')
  await rig.run()
  await writeRows(rig, alice, 8)
  const record = await log.load(room)
  expect(record.ok && record.value.base).toBeUndefined()
  isWrong = false
  await rig.run(61_000)
  await writeRows(rig, alice, 1)
  await rig.run()
  const after = await log.load(room)
  expect(after.ok && after.value.base?.upto).toBe(9)
})

test('[OR11] appends go on while a base is made, and stay', async () => {
  let release: () => void = () => {}
  const { rig } = soonRewritten({
    merger: (inner) => ({
      async rebuild(...args) {
        await new Promise<void>((resolve) => {
          release = resolve
        })
        return inner.rebuild(...args)
      }
    })
  })
  const alice = rig.client('room')
  await rig.run()
  await writeRows(rig, alice, 6)
  alice.doc.getText('text').delete(0, 2)
  await writeRows(rig, alice, 3)
  release()
  await rig.run()
  expect(rig.relay.counters.rebuilds).toBe(1)
  for (const doc of [new Y.Doc()]) {
    const bob = rig.client('room', { doc })
    await rig.run()
    expect(bob.text()).toBe(alice.text())
  }
  const same = new Y.Doc()
  Y.applyUpdate(same, Y.encodeStateAsUpdate(alice.doc))
  const { known, committedRows } = rig.relay.counters
  rig.client('room', { doc: same })
  await rig.run()
  expect(rig.relay.counters).toMatchObject({ known: known + 1, committedRows })
})

test('[OR11] rows behind a gap are carried over a rebuild, and count once the gap is filled', async () => {
  const { rig, log } = soonRewritten()
  const { doc, message } = typeLetters()
  const alice = rig.client('room')
  await rig.run()
  const send = (index: 0 | 1 | 2): void => void alice.send(message(index))
  send(0)
  await rig.run()
  send(2)
  await rig.run()
  await writeRows(rig, alice, 8)
  await rig.run()
  const record = await log.load(room)
  expect(record.ok && record.value.base?.upto).toBeGreaterThan(3)
  expect(rig.relay.counters.failedRebuilds).toBe(0)
  alice.leave()
  await rig.run(2_000)
  expect(rig.relay.counters.rooms).toBe(0)
  const bob = rig.client('room')
  await rig.run()
  bob.send(message(1))
  await rig.run()
  await writeRows(rig, bob, 8)
  const carol = rig.client('room')
  await rig.run()
  expect(carol.doc.getText('text').toString()).toContain('cba')
  expect(Y.getState(carol.doc.store, doc.clientID)).toBe(3)
})

test('[OR11] a base that lacks a deletion replaces nothing, also where rows lie behind a gap', async () => {
  const holdsNothing = ({ bytes }: { readonly bytes: Uint8Array }): boolean => bytes[0] === 0
  const { rig, log } = soonRewritten({
    merger: (merger) => ({
      rebuild: (base, rows) =>
        merger.rebuild(
          base,
          rows.filter((row) => !holdsNothing(row))
        )
    })
  })
  const { message } = typeLetters()
  const alice = rig.client('room')
  await rig.run()
  for (const index of [0, 2] as const) {
    alice.send(message(index))
    await rig.run()
  }
  alice.write('gone ')
  await rig.run()
  alice.doc.getText('text').delete(0, alice.doc.getText('text').length)
  await rig.run()
  await writeRows(rig, alice, 4)
  const record = await log.load(room)
  expect(record.ok && record.value.base).toBeUndefined()
  expect(rig.news).toEqual(['rebuild: the new base holds less'])
})

test('[OR12] deleted content is gone from the store once the base was rewritten', async () => {
  const { rig, disk } = soonRewritten()
  const alice = rig.client('room')
  await rig.run()
  alice.write('a secret')
  await rig.run()
  alice.doc.getText('text').delete(0, 8)
  await writeRows(rig, alice, 8)
  await rig.run()
  const kept = disk.rooms.get(room)
  const all = [kept?.base?.bytes, ...(kept?.rows.map(({ bytes }) => bytes) ?? [])]
  for (const bytes of all) expect(new TextDecoder().decode(bytes)).not.toContain('secret')
  expect(kept?.base).toBeDefined()
})

test('[OR13] whatever the history of edits, reconnects and compactions, all end with the same document', async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const random = createRandom(seed)
    const { rig } = soonRewritten()
    const plain = new Y.Doc()
    const docs = Array.from({ length: 4 }, () => new Y.Doc())
    for (const doc of docs) doc.on('update', (update: Uint8Array) => Y.applyUpdate(plain, update))
    let clients: (Client | undefined)[] = docs.map(() => undefined)
    for (let step = 0; step < 60; step++) {
      const index = random.below(docs.length)
      const doc = docs[index]
      const client = clients[index]
      if (doc === undefined) continue
      if (random.chance(0.15)) {
        client?.leave()
        clients = clients.with(index, client === undefined ? rig.client('room', { doc }) : undefined)
      } else {
        const text = doc.getText('text')
        const at = random.below(text.length + 1)
        if (random.chance(0.3)) text.delete(at, Math.min(text.length - at, 3))
        else text.insert(at, `${step}.`)
        doc.getMap('map').set(`${random.below(3)}`, step)
      }
      await rig.run(random.below(30))
    }
    for (const [index, doc] of docs.entries()) clients[index] ??= rig.client('room', { doc })
    await rig.run(1_000)
    const late = rig.client('room')
    await rig.run(1_000)
    expect(rig.news, `seed ${seed}`).toEqual([])
    for (const doc of [...docs, late.doc]) {
      expect(doc.getText('text').toString(), `seed ${seed}`).toBe(plain.getText('text').toString())
      expect(doc.getMap('map').toJSON(), `seed ${seed}`).toEqual(plain.getMap('map').toJSON())
    }
    for (const client of clients) client?.leave()
    late.leave()
    await rig.run(2_000)
    expect(rig.relay.counters, `seed ${seed}`).toMatchObject({ rooms: 0, connections: 0, queuedBytes: 0, behind: 0 })
  }
})
