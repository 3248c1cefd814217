import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { openRig } from './open-rig.fixture.ts'

test('[OR8] an edit reaches the others and the store', async () => {
  const rig = openRig()
  const alice = rig.client('room')
  const bob = rig.client('room')
  await rig.run()
  expect([alice.synced, bob.synced]).toEqual([1, 1])
  alice.write('hello')
  await rig.run()
  expect(bob.text()).toBe('hello')
  const carol = rig.client('room')
  await rig.run()
  expect(carol.text()).toBe('hello')
  for (const each of [alice, bob, carol]) each.leave()
  await rig.run()
  expect(rig.relay.counters.rooms).toBe(0)
  const dave = rig.client('room')
  await rig.run()
  expect(dave.text()).toBe('hello')
  expect(rig.news).toEqual([])
})

test('[OR13] what was compacted over and over merges to what a plain merge gives', async () => {
  const rig = openRig({ limits: { tailRows: 5 } })
  const plain = new Y.Doc()
  const clients = [rig.client('room'), rig.client('room'), rig.client('room')]
  for (const { doc } of clients) doc.on('update', (update: Uint8Array) => Y.applyUpdate(plain, update))
  await rig.run()
  for (let round = 0; round < 60; round++) {
    const each = clients[round % 3]
    each?.write(`${round} `)
    if (round % 4 === 3) each?.doc.getText('text').delete(0, 3)
    await rig.run(10 + (round % 5))
  }
  await rig.run(2_000)
  expect(rig.relay.counters.rebuilds).toBeGreaterThan(3)
  expect(rig.news).toEqual([])
  const late = rig.client('room')
  await rig.run()
  for (const each of [...clients, late]) expect(each.text()).toBe(plain.getText('text').toString())
})
