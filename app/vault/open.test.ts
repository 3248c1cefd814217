import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { bytesToHex } from '#core/bytes.ts'
import { deviceCertificateMessage, encodeDeviceCertificate } from '#core/certificate.ts'
import { type Cover, ENTRY_KIND, encodeSnapshotBody, type SnapshotBody } from '#core/entry.ts'
import { encodeEphemeralBody } from '#core/ephemeral.ts'
import { type ShardId, seq } from '#core/ids.ts'
import { createVault } from './create-vault.ts'
import { certifyDevice } from './device-certificate.ts'
import { createForger } from './forge.ts'
import { createMemoryShelf } from './memory-shelf.ts'
import type { Keyholder, Opened, Sealed, SealRequest } from './ports.ts'
import type { Author } from './seal.ts'
import {
  bytesOf,
  coversAfter,
  JOURNAL,
  NEVER_SEEN,
  TEST_WORDS,
  updatesOf,
  utf8,
  value,
  writeLines
} from './vault.contract.ts'

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
const newVault = () => createVault({ shelf: createMemoryShelf(), crypto, random })
const NO_HASH = new Uint8Array(16)

let forger: Awaited<ReturnType<typeof createForger>>
let alice: Keyholder
let bob: Keyholder
let shard: ShardId
beforeAll(async () => {
  forger = await createForger(TEST_WORDS)
  alice = value(await newVault().consider(TEST_WORDS, 0))
  bob = value(await newVault().consider(TEST_WORDS, 0))
  shard = await alice.shard(JOURNAL)
})

const request = (counter: number, text: string, change: Partial<SealRequest> = {}): SealRequest => ({
  kind: ENTRY_KIND.update,
  counter,
  prev: NO_HASH,
  seen: NEVER_SEEN,
  body: utf8(text),
  ...change
})
const certificateOf = (author: Author) => certifyDevice(forger.keys.practitioner, author.signer.publicKey)
const introduce = async (author: Author): Promise<Sealed> =>
  forger.seal(author, shard, request(1, '', { kind: ENTRY_KIND.deviceCertificate, body: await certificateOf(author) }))

test('[SE11] a body that is no deflate stream, or a bomb, is invalid, and the author’s next entry still has its predecessor', async () => {
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
  const author = await forger.device()
  const log = [await forger.seal(author, shard, request(1, 'unannounced')), await introduce(author)]
  const opened = await bob.open(shard, [], bytesOf(log))
  expect(opened).toMatchObject([{ status: 'opaque', reason: 'unknown-device' }, { status: 'certificate' }])
})

test('[SE12] a cloned profile writes two lines with one counter, and both are read', async () => {
  const author = await forger.device()
  const first = await introduce(author)
  const [left, right] = [
    await forger.seal(author, shard, request(2, 'left', { prev: first.innerHash })),
    await forger.seal(author, shard, request(2, 'right', { prev: first.innerHash }))
  ]
  const next = await forger.seal(author, shard, request(3, 'after right', { prev: right.innerHash }))
  const opened = await bob.open(shard, [], bytesOf([first, left, right, next]))
  expect(updatesOf(opened)).toEqual(['left', 'right', 'after right'])
  const [, one, two] = opened
  if (one?.status !== 'update' || two?.status !== 'update') throw new Error('two updates')
  expect([one.counter, two.counter]).toEqual([2, 2])
  expect(bytesToHex(one.innerHash)).not.toBe(bytesToHex(two.innerHash))
})

test('[SE12] an old entry that comes again moves nobody back', async () => {
  const author = await forger.device()
  const log = [await introduce(author)]
  for (let counter = 2; counter < 5; counter++)
    log.push(await forger.seal(author, shard, request(counter, `line ${counter}`)))
  const [first, second, third, fourth] = bytesOf(log)
  if (!first || !second || !third || !fourth) throw new Error('four entries')
  const opened = await bob.open(shard, [], [first, second, third, second, fourth])
  expect(updatesOf(opened)).toEqual(['line 2', 'line 3', 'line 2', 'line 4'])
})

test('[SE9] flags this app does not know make an entry wait', async () => {
  const author = await forger.device()
  const known = coversAfter([], await bob.open(shard, [], [(await introduce(author)).bytes]))
  const flagged = await Promise.all(
    [0, 2, 4, 128].map((flags) => forger.sealFlags(author, shard, request(2, 'x'), flags))
  )
  const opened = await bob.open(shard, known, flagged)
  expect(opened.map((each) => each.status)).toEqual(['update', 'update', 'opaque', 'opaque'])
})

test('[SE13] presence with another’s signature or certificate is nobody’s', async () => {
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

test('[SE12] sealed twice, an entry has one innerHash and can be told to be the same', async () => {
  const author = await forger.device()
  const [once, twice] = [
    await forger.seal(author, shard, request(2, 'line')),
    await forger.seal(author, shard, request(2, 'line'))
  ]
  expect(once.innerHash).toEqual(twice.innerHash)
  expect(bytesToHex(once.digest)).not.toBe(bytesToHex(twice.digest))
})

test('[SE5] prev names the signed entry, whatever ciphertext it travels in', async () => {
  const log = await writeLines(alice, shard, ['one', 'two'])
  const [, one] = log
  const author = await forger.device()
  const again = [await forger.seal(author, shard, request(2, 'x')), await forger.seal(author, shard, request(2, 'x'))]
  expect(again[0]?.innerHash).toEqual(again[1]?.innerHash)
  const opened = await bob.open(shard, [], bytesOf(log))
  expect(opened[2]).toMatchObject({ prev: one?.innerHash })
})

test('[SE9] what a later app writes waits: another version, suite, kind, epoch or flag', async () => {
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

test('[SN3] a snapshot names its author among its covers, also when none of its entries is inside', async () => {
  const cover = { device: alice.device, counter: 0, innerHash: NO_HASH, certificate: alice.deviceCertificate }
  const body: SnapshotBody = { from: seq(1), to: seq(9), hashTo: NO_HASH, covers: [cover], document: utf8('all') }
  const sealed = await alice.seal(shard, snapshotRequest(body))
  expect(await bob.openSnapshot(shard, sealed.bytes)).toMatchObject({ status: 'snapshot', counter: 0, body })
  const without = await alice.seal(shard, snapshotRequest({ ...body, covers: [] }))
  expect(await bob.openSnapshot(shard, without.bytes)).toMatchObject({ status: 'invalid', reason: 'body' })
})

test('[SN4] a snapshot with a doubled, foreign or misnamed cover, or from beyond its end, is invalid', async () => {
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

const strangerPhrase = async () => {
  const vault = newVault()
  value(await vault.create())
  return vault.phrase()
}

/** A verdict without its bytes, to compare. */
const verdictOf = (opened: Opened): string => {
  const name =
    opened.status === 'opaque' || opened.status === 'invalid' ? `${opened.status} ${opened.reason}` : opened.status
  const author = opened.status === 'invalid' ? opened.author : opened.status === 'opaque' ? undefined : opened
  return `${name} ${author ? `${author.device} ${author.counter} ${bytesToHex(author.innerHash)}` : ''} ${bytesToHex(opened.digest)}`
}

test('[SE14] however a log is cut, its entries are judged alike', async () => {
  const authors = [await forger.device(), await forger.device(), await forger.device()]
  const bomb = new Uint8Array(deflateRawSync(new Uint8Array(400_000)))
  const pool: Uint8Array[] = []
  for (const author of authors) {
    pool.push((await introduce(author)).bytes)
    for (let counter = 2; counter < 6; counter++) {
      pool.push((await forger.seal(author, shard, request(counter, `line ${counter}`))).bytes)
      pool.push((await forger.seal(author, shard, request(counter, `clone ${counter}`))).bytes)
      pool.push((await forger.seal(forger.unsigned(author), shard, request(counter, 'unsigned'))).bytes)
    }
    pool.push((await forger.sealDeflated(author, shard, request(2, ''), bomb)).bytes)
    const second = request(4, '', { kind: ENTRY_KIND.deviceCertificate, body: await certificateOf(author) })
    pool.push((await forger.seal(author, shard, second)).bytes)
    pool.push((await forger.seal(forger.unsigned(author), shard, { ...second, counter: 1 })).bytes)
    pool.push((await forger.seal(author, shard, request(1, '', { kind: ENTRY_KIND.deviceCertificate }))).bytes)
  }
  pool.push(Uint8Array.of(1, 1, 1, 0))
  const seen = new Set<string>()
  const anyLog = fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(anyLog, fc.array(fc.nat(40), { maxLength: 6 }), async (log, cuts) => {
      const whole = (await bob.open(shard, [], log)).map(verdictOf)
      for (const verdict of whole) seen.add(verdict.split(' ').slice(0, 2).join(' '))
      const edges = [0, ...cuts.map((cut) => cut % log.length).sort((a, b) => a - b), log.length]
      const pieces: string[] = []
      let known: Cover[] = []
      for (let i = 1; i < edges.length; i++) {
        const opened = await bob.open(shard, known, log.slice(edges[i - 1], edges[i]))
        known = coversAfter(known, opened)
        pieces.push(...opened.map(verdictOf))
      }
      expect(pieces).toEqual(whole)
    }),
    { numRuns: 60 }
  )
  for (const verdict of [
    'opaque unknown-device',
    'opaque predecessor',
    'invalid signature',
    'invalid inflate',
    'invalid malformed'
  ]) {
    expect([...seen], verdict).toContain(verdict)
  }
})
