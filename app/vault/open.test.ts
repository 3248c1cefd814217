import { deflateRawSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { deviceCertificateMessage, encodeDeviceCertificate } from '#core/certificate.ts'
import { type Cover, ENTRY_KIND } from '#core/entry.ts'
import { certifyDevice } from './device-certificate.ts'
import { createForger } from './forge.ts'
import type { Author } from './seal.ts'
import {
  bytesOf,
  coversAfter,
  createScene,
  NO_HASH,
  newVault,
  request,
  utf8,
  value,
  writeLines
} from './vault.fixture.ts'

type Scene = Awaited<ReturnType<typeof createScene>>
let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})

test('[SE11] a body that is no deflate stream, or a bomb, is invalid, and the author’s next entry still has its predecessor', async () => {
  const { forger, bob, shard, introduce } = scene
  const author = await forger.device()
  const bomb = new Uint8Array(deflateRawSync(new Uint8Array(5_000_000)))
  const log = [
    await introduce(author),
    await forger.sealDeflated(author, shard, request(2, ''), bomb),
    await forger.sealDeflated(author, shard, request(3, ''), utf8('not a stream')),
    await forger.seal(author, shard, request(4, 'after'))
  ]
  const opened = await bob.open(shard, [], bytesOf(log))
  expect(opened.map((each) => each.status)).toEqual(['certificate', 'invalid', 'invalid', 'update'])
  expect(opened[1]).toMatchObject({ reason: 'inflate', author: { device: author.device, counter: 2 } })
})

test('[SE10] a wrong signature by a known device is invalid and uses up no counter', async () => {
  const { forger, bob, shard, introduce } = scene
  const author = await forger.device()
  const log = [
    await introduce(author),
    await forger.seal(forger.unsigned(author), shard, request(2, 'forged')),
    await forger.seal(author, shard, request(2, 'real'))
  ]
  const opened = await bob.open(shard, [], bytesOf(log))
  expect(opened).toMatchObject([
    { status: 'certificate' },
    { status: 'invalid', reason: 'signature' },
    { status: 'update' }
  ])
  expect(opened[1]).not.toHaveProperty('author')
})

test('[SE10] a signature says nothing for another counter, shard, body or device', async () => {
  const { forger, bob, shard, introduce } = scene
  const [author, other] = [await forger.device(), await forger.device()]
  let signed = new Uint8Array()
  const recording: Author = {
    ...author,
    signer: { ...author.signer, sign: async (message) => (signed = new Uint8Array(await author.signer.sign(message))) }
  }
  const replaying = (as: Author): Author => ({ ...as, signer: { ...as.signer, sign: async () => signed } })
  const log = [await introduce(author), await introduce(other), await forger.seal(recording, shard, request(2, 'real'))]
  const forged = [
    await forger.seal(replaying(author), shard, request(2, 'real')),
    await forger.seal(replaying(author), shard, request(3, 'real')),
    await forger.seal(replaying(author), shard, request(2, 'feigned')),
    await forger.seal(replaying(other), shard, request(2, 'real'))
  ]
  const opened = await bob.open(shard, [], bytesOf([...log, ...forged]))
  expect(opened.slice(3).map((each) => each.status)).toEqual(['update', 'invalid', 'invalid', 'invalid'])
})

test('[CE2] a certificate speaks for its own device and this practitioner only', async () => {
  const { forger, bob, shard, certificateOf } = scene
  const [author, other] = [await forger.device(), await forger.device()]
  const foreign = await createForger(value(await strangerPhrase()))
  const misnamed = { practitionerKey: foreign.keys.practitioner.publicKey, deviceKey: author.signer.publicKey }
  const certificates = [
    await certificateOf(other),
    await certifyDevice(foreign.keys.practitioner, author.signer.publicKey),
    (await certificateOf(author)).map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
    utf8('no certificate'),
    encodeDeviceCertificate({
      ...misnamed,
      signature: await forger.keys.practitioner.sign(deviceCertificateMessage(misnamed))
    })
  ]
  for (const body of certificates) {
    const sealed = await forger.seal(author, shard, request(1, '', { kind: ENTRY_KIND.deviceCertificate, body }))
    expect(await bob.open(shard, [], [sealed.bytes])).toMatchObject([{ status: 'invalid', reason: 'certificate' }])
    const cover: Cover = { device: author.device, counter: 1, innerHash: NO_HASH, certificate: body }
    const next = await forger.seal(author, shard, request(2, 'next'))
    expect(await bob.open(shard, [cover], [next.bytes])).toMatchObject([{ status: 'opaque', reason: 'unknown-device' }])
  }
})

test('[SE8] a device that does not begin with its certificate stays unknown', async () => {
  const { forger, bob, shard, introduce } = scene
  const author = await forger.device()
  const log = [await forger.seal(author, shard, request(1, 'unannounced')), await introduce(author)]
  const opened = await bob.open(shard, [], bytesOf(log))
  expect(opened).toMatchObject([{ status: 'opaque', reason: 'unknown-device' }, { status: 'certificate' }])
})

test('[SE9] flags this app does not know make an entry wait', async () => {
  const { forger, bob, shard, introduce } = scene
  const author = await forger.device()
  const known = coversAfter([], await bob.open(shard, [], [(await introduce(author)).bytes]))
  const flagged = await Promise.all(
    [0, 2, 4, 128].map((flags) => forger.sealFlags(author, shard, request(2, 'x'), flags))
  )
  const opened = await bob.open(shard, known, flagged)
  expect(opened.map((each) => each.status)).toEqual(['update', 'update', 'opaque', 'opaque'])
})

test('[SE9] what a later app writes waits: another version, suite, kind, epoch or flag', async () => {
  const { alice, bob, shard } = scene
  const [first] = bytesOf(await writeLines(alice, shard, []))
  if (!first) throw new Error('one entry')
  const at = (index: number, byte: number) => first.map((old, i) => (i === index ? byte : old))
  const opened = await bob.open(shard, [], [at(0, 2), at(1, 2), at(2, 4), at(2, 9), at(3, 1)])
  expect(opened.map((each) => (each.status === 'opaque' ? each.reason : each.status))).toEqual([
    'unknown-suite',
    'unknown-suite',
    'unknown-suite',
    'unknown-suite',
    'no-key'
  ])
})

const strangerPhrase = async () => {
  const vault = newVault()
  value(await vault.create())
  return vault.phrase()
}
