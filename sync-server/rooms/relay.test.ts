import { expect, test } from 'vitest'
import { createRig, HOST } from '#testing/wire/relay-rig.ts'
import { wireEntry, wireRoot, wireShard } from '#testing/wire/root.ts'

const root = wireRoot('a')
const shard = wireShard(1)

test('smoke', async () => {
  const rig = createRig()
  const a = rig.plug()
  const b = rig.plug()
  await a.enter(root, HOST)
  await b.enter(root, HOST)
  b.pull(shard)
  expect(await b.expect('head')).toMatchObject({ seq: 0, peers: 0 })
  a.pull(shard)
  expect(await a.expect('head')).toMatchObject({ seq: 0, peers: 1 })
  const entry = wireEntry()
  a.push(shard, [entry])
  expect(await a.expect('ack')).toMatchObject({ seqs: [1], ref: 1 })
  expect((await a.expect('entries')).items).toEqual([{ kind: 'digest', digest: expect.anything() }])
  expect((await b.expect('entries')).items).toEqual([{ kind: 'entry', bytes: entry }])
  a.send(root.erase(0))
  await a.expect('erased')
  expect(await b.expect('nack')).toMatchObject({ code: 9 })
})
