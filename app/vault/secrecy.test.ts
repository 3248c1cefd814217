import { expect, test } from 'vitest'
import { bytesToHex } from '#core/bytes.ts'
import { ENTRY_KIND, encodeSnapshotBody } from '#core/entry.ts'
import { encodeDeviceFrame } from '#core/frame-codec-device.ts'
import { seq } from '#core/ids.ts'
import { createVault } from './create-vault.ts'
import { createMemoryShelf } from './memory-shelf.ts'
import { JOURNAL, NEVER_SEEN, utf8, value, writeLines } from './vault.fixture.ts'

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
const LINE = 'After the long out-breath I wrote to my sister.'

/** Every run of eight bytes of the secret: a leak need not be of the whole. */
const leaksOf = (secret: Uint8Array, haystack: Uint8Array): number => {
  const text = bytesToHex(haystack)
  let found = 0
  for (let at = 0; at + 8 <= secret.byteLength; at++)
    if (text.includes(bytesToHex(secret.subarray(at, at + 8)))) found++
  return found
}

const openVault = async () => {
  const vault = createVault({ shelf: createMemoryShelf(), crypto, random })
  const alice = value(await vault.create())
  return { vault, alice, shard: await alice.shard(JOURNAL) }
}

test('[SE15] a written journal line is found in no entry, frame, snapshot, presence or file', async () => {
  const { alice, shard } = await openVault()
  const [certificate, entry] = await writeLines(alice, shard, [LINE])
  if (!certificate || !entry) throw new Error('two entries')
  const cover = { device: alice.device, counter: 2, innerHash: entry.innerHash, certificate: alice.deviceCertificate }
  const body = { from: seq(1), to: seq(2), hashTo: new Uint8Array(16), covers: [cover], document: utf8(LINE) }
  const snapshot = await alice.seal(shard, {
    kind: ENTRY_KIND.snapshot,
    counter: 2,
    prev: entry.innerHash,
    seen: NEVER_SEEN,
    body: encodeSnapshotBody(body)
  })
  const presence = await alice.sealEphemeral(shard, utf8(LINE))
  const file = await alice.sealFile(utf8(LINE))
  const frames = [
    encodeDeviceFrame({ type: 'push', ch: 0, shard, ref: 1, entries: [certificate.bytes, entry.bytes] }),
    encodeDeviceFrame({ type: 'snap', ch: 0, shard, ref: 2, ...body, index: 0, count: 1, chunk: snapshot.bytes }),
    encodeDeviceFrame({ type: 'ephemeral', ch: 0, shard, frame: presence })
  ]
  expect(leaksOf(utf8(LINE), utf8(`${LINE} and so on`))).toBeGreaterThan(30)
  for (const bytes of [entry.bytes, snapshot.bytes, presence, file, ...frames])
    expect(leaksOf(utf8(LINE), bytes)).toBe(0)
})

test('[SE4] nothing that names the author is in the clear', async () => {
  const { alice, shard } = await openVault()
  const log = await writeLines(alice, shard, ['one', 'two'])
  for (const { bytes, innerHash } of log) {
    const text = bytesToHex(bytes)
    for (const secret of [alice.device, bytesToHex(alice.deviceCertificate.subarray(0, 32)), bytesToHex(innerHash)]) {
      expect(text).not.toContain(secret)
    }
  }
})

test('[SE4] two devices’ entries of like length look alike', async () => {
  const { vault, alice, shard } = await openVault()
  const bob = value(await vault.consider(value(await vault.phrase()), 0))
  const lengths = async (lines: readonly string[], who = alice) =>
    (await writeLines(who, shard, lines)).map(({ bytes }) => bytes.byteLength)
  expect(await lengths(['one line', 'another'])).toEqual(await lengths(['two line', 'anothex'], bob))
  const near = new Set((await lengths(Array.from({ length: 9 }, (_, n) => 'x'.repeat(100 + n)))).slice(1))
  expect(near.size).toBeLessThanOrEqual(3)
})

test('[KY4] what the profile keeps holds neither the phrase’s bytes nor its words', async () => {
  const shelf = createMemoryShelf()
  const vault = createVault({ shelf, crypto, random: (length) => new Uint8Array(length).fill(0xa7) })
  value(await vault.create())
  const kept = shelf.values.get('vault/current') as { phrase: { ciphertext: Uint8Array } }
  const text = JSON.stringify(kept, (_, part) => (part instanceof Uint8Array ? bytesToHex(part) : part))
  expect(text).toContain(bytesToHex(kept.phrase.ciphertext))
  expect(text.replace(bytesToHex(new Uint8Array(12).fill(0xa7)), '')).not.toContain('a7'.repeat(8))
  for (const word of new Set(value(await vault.phrase()))) expect(text).not.toContain(`"${word}`)
})
