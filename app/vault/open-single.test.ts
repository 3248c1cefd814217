import { beforeAll, expect, test } from 'vitest'
import { ENTRY_KIND, encodeSnapshotBody, type SnapshotBody } from '#core/entry.ts'
import { encodeEphemeralBody } from '#core/ephemeral.ts'
import { seq } from '#core/ids.ts'
import type { SealRequest } from './ports.ts'
import type { Author } from './seal.ts'
import { createScene, NO_HASH, request, utf8 } from './vault.fixture.ts'

type Scene = Awaited<ReturnType<typeof createScene>>
let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})

test('[SE13] presence with another’s signature or certificate is nobody’s', async () => {
  const { forger, bob, shard, certificateOf } = scene
  const [author, other] = [await forger.device(), await forger.device()]
  const payload = utf8('here')
  const body = encodeEphemeralBody({ certificate: await certificateOf(author), payload })
  const presence = request(0, '', { kind: ENTRY_KIND.ephemeral, body })
  const open = async (as: Author) => bob.openEphemeral(shard, (await forger.seal(as, shard, presence)).bytes)
  expect(await open(author)).toEqual({ device: author.device, body: payload })
  expect(await open(forger.unsigned(author))).toBeUndefined()
  expect(await open(other)).toBeUndefined()
  expect(await open({ ...author, signer: other.signer })).toBeUndefined()
})

test('[SN3] a snapshot names its author among its covers, also when none of its entries is inside', async () => {
  const { alice, bob, shard } = scene
  const cover = { device: alice.device, counter: 0, innerHash: NO_HASH, certificate: alice.deviceCertificate }
  const body: SnapshotBody = { from: seq(1), to: seq(9), hashTo: NO_HASH, covers: [cover], document: utf8('all') }
  const sealed = await alice.seal(shard, snapshotRequest(body))
  expect(await bob.openSnapshot(shard, sealed.bytes)).toMatchObject({ status: 'snapshot', counter: 0, body })
  const without = await alice.seal(shard, snapshotRequest({ ...body, covers: [] }))
  expect(await bob.openSnapshot(shard, without.bytes)).toMatchObject({ status: 'invalid', reason: 'body' })
})

test('[SN4] a snapshot with a doubled, foreign or misnamed cover, or from beyond its end, is invalid', async () => {
  const { forger, alice, bob, shard } = scene
  const mine = { device: alice.device, counter: 3, innerHash: NO_HASH, certificate: alice.deviceCertificate }
  const body: SnapshotBody = { from: seq(1), to: seq(9), hashTo: NO_HASH, covers: [mine], document: utf8('all') }
  const bad: SnapshotBody[] = [
    { ...body, covers: [mine, mine] },
    { ...body, covers: [mine, { ...mine, device: bob.device }] },
    { ...body, covers: [mine, { ...mine, device: bob.device, certificate: utf8('none') }] },
    { ...body, from: seq(10) },
    { ...body, from: seq(0) }
  ]
  for (const each of bad) {
    const sealed = await alice.seal(shard, snapshotRequest(each))
    expect((await bob.openSnapshot(shard, sealed.bytes)).status).toBe('invalid')
  }
  const forged = await forger.seal(
    { ...forger.unsigned(await forger.device()), device: alice.device },
    shard,
    snapshotRequest(body)
  )
  expect(await bob.openSnapshot(shard, forged.bytes)).toMatchObject({ status: 'invalid', reason: 'signature' })
})

const snapshotRequest = (body: SnapshotBody): SealRequest =>
  request(0, '', { kind: ENTRY_KIND.snapshot, body: encodeSnapshotBody(body) })
