import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesToHex } from './bytes.ts'
import {
  authMessage,
  decodeDeviceCertificate,
  decodeEraseReceipt,
  decodeErasureProof,
  decodeWriterCertificate,
  deviceCertificateMessage,
  type EraseScope,
  encodeDeviceCertificate,
  encodeEraseReceipt,
  encodeErasureProof,
  encodeWriterCertificate,
  eraseMessage,
  eraseReceiptMessage,
  writerCertificateMessage
} from './certificate.ts'
import { anyBytes, anyRoot, anyShard, anyUint, codecLaws } from './codec.arbitrary.ts'
import { signedInner } from './entry.ts'

const anyWriter = fc.record({
  rootKey: anyBytes(32),
  epoch: anyUint,
  writerKey: anyBytes(32),
  caps: fc.nat(255),
  notAfter: anyUint,
  signature: anyBytes(64)
})
const anyDeviceCertificate = fc.record({
  practitionerKey: anyBytes(32),
  deviceKey: anyBytes(32),
  signature: anyBytes(64)
})
const anyScope: fc.Arbitrary<EraseScope> = fc.oneof(
  fc.record({ kind: fc.constant('root' as const), root: anyRoot }),
  fc.record({ kind: fc.constant('shard' as const), root: anyRoot, shard: anyShard })
)
const anyProof = fc.record({ scope: anyScope, rootKey: anyBytes(32), signature: anyBytes(64) })
const anyReceipt = fc.record({
  relayKey: anyBytes(32),
  erasedAt: anyUint,
  backupDays: anyUint,
  signature: anyBytes(64)
})

codecLaws('a writer certificate', anyWriter, { encode: encodeWriterCertificate, decode: decodeWriterCertificate })
codecLaws('a device certificate', anyDeviceCertificate, {
  encode: encodeDeviceCertificate,
  decode: decodeDeviceCertificate
})
codecLaws('an erasure proof', anyProof, { encode: encodeErasureProof, decode: decodeErasureProof })
codecLaws('an erasure receipt', anyReceipt, { encode: encodeEraseReceipt, decode: decodeEraseReceipt })

const anyMessage = fc.oneof(
  anyWriter.map(writerCertificateMessage),
  anyDeviceCertificate.map(deviceCertificateMessage),
  anyScope.map(eraseMessage),
  fc.tuple(anyProof, anyReceipt).map(([proof, receipt]) => eraseReceiptMessage(proof, receipt)),
  fc
    .tuple(anyRoot, anyBytes(32), fc.string({ maxLength: 40 }))
    .map(([root, key, host]) => authMessage({ root, relayKey: key, challenge: key, host })),
  fc.tuple(anyRoot, anyShard, anyBytes(16)).map(([root, shard, hash]) =>
    signedInner(
      root,
      shard,
      { version: 1, suite: 1, kind: 1, epoch: 0 },
      {
        device: '00'.repeat(8) as never,
        counter: 1,
        prev: hash,
        seen: { relay: hash.slice(0, 4), seq: 0 as never, hash },
        flags: 0,
        body: hash
      }
    )
  )
)

test('[EN5] what is signed begins with a label, and no two purposes share one', () => {
  const labels = new Set<string>()
  fc.assert(
    fc.property(anyMessage, (message) => {
      const text = new TextDecoder().decode(message.subarray(1, 1 + (message[0] ?? 0)))
      expect(text).toMatch(/^council\.sealed\.1 (writer|device|erase|receipt|auth|entry)$/)
      labels.add(text)
    }),
    { numRuns: 300 }
  )
  expect(labels.size).toBe(6)
})

test('[EN5] equal messages mean equal things', () => {
  const seen = new Map<string, string>()
  fc.assert(
    fc.property(anyScope, (scope) => {
      const message = bytesToHex(eraseMessage(scope))
      expect(seen.get(message) ?? JSON.stringify(scope)).toBe(JSON.stringify(scope))
      seen.set(message, JSON.stringify(scope))
    })
  )
})
