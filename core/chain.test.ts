import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { createEncoder, toUint8Array, writeUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import { expect, test } from 'vitest'
import { asciiToBytes, bytesToHex, hexToBytes } from './bytes.ts'
import { EMPTY_CHAIN_HASH, nextChainHash } from './chain.ts'
import { anyBytes, anyRoot, anySeq, anyShard } from './codec.arbitrary.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

test('[CH1] another root, shard, place, past or entry makes another hash', () => {
  const anyStep = fc.tuple(anyRoot, anyShard, anySeq, anyBytes(16), anyBytes(32))
  const hashOf = ([root, shard, seq, previous, digest]: typeof anyStep extends fc.Arbitrary<infer Step>
    ? Step
    : never) => bytesToHex(nextChainHash(sha256, { root, shard, seq }, previous, digest))
  fc.assert(
    fc.property(anyStep, anyStep, fc.nat(4), (step, other, field) => {
      const changed = step.map((value, i) => (i === field ? other[i] : value)) as typeof step
      fc.pre(String(changed[field]) !== String(step[field]))
      expect(hashOf(step)).toHaveLength(32)
      expect(hashOf(changed)).not.toBe(hashOf(step))
    })
  )
})

test('[CH2] digests alone carry the chain on', () => {
  const place = { root: 'A'.repeat(22) as never, shard: '0'.repeat(32) as never }
  const digests = [1, 2, 3].map((n) => sha256(Uint8Array.of(n)))
  const hashes = [EMPTY_CHAIN_HASH]
  for (const [i, digest] of digests.entries()) {
    hashes.push(nextChainHash(sha256, { ...place, seq: (i + 1) as never }, hashes[i] ?? EMPTY_CHAIN_HASH, digest))
  }
  const resumed = nextChainHash(
    sha256,
    { ...place, seq: 3 as never },
    hashes[2] ?? EMPTY_CHAIN_HASH,
    digests[2] ?? EMPTY_CHAIN_HASH
  )
  expect(resumed).toEqual(hashes[3])
})

test('[CH1] what is hashed is written as every other record is, up to the largest seq', () => {
  fc.assert(
    fc.property(
      anyRoot,
      anyShard,
      fc.maxSafeNat(),
      anyBytes(16),
      anyBytes(32),
      (root, shard, seq, previous, digest) => {
        const encoder = createEncoder()
        writeVarUint8Array(encoder, asciiToBytes('council.sealed.1 chain'))
        writeVarUint8Array(encoder, asciiToBytes(root))
        writeUint8Array(encoder, hexToBytes(shard))
        writeVarUint(encoder, seq)
        writeUint8Array(encoder, previous)
        writeUint8Array(encoder, digest)
        const expected = sha256(toUint8Array(encoder)).slice(0, 16)
        expect(nextChainHash(sha256, { root, shard, seq: seq as never }, previous, digest)).toEqual(expected)
      }
    )
  )
})
