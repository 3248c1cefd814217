import {
  authMessage,
  deviceCertificateMessage,
  type EraseScope,
  encodeDeviceCertificate,
  encodeEraseReceipt,
  encodeErasureProof,
  encodeWriterCertificate,
  eraseMessage,
  eraseReceiptMessage,
  writerCertificateMessage
} from '#core/certificate.ts'
import { nextChainHash } from '#core/chain.ts'
import { seq } from '#core/ids.ts'
import { counting, deviceKey, hex, keyVector, practitioner, relayKey, rootKeys, sha256 } from './basics.ts'

const { root, rootKey, writer, shard } = rootKeys(0)

const signedBy = (key: { sign(message: Uint8Array): Uint8Array }, message: Uint8Array) => ({
  message: hex(message),
  signature: hex(key.sign(message))
})

const writerFields = { rootKey: rootKey.publicKey, epoch: 0, writerKey: writer.publicKey, caps: 7, notAfter: 0 }
const deviceFields = { practitionerKey: practitioner.publicKey, deviceKey: deviceKey.publicKey }
export const deviceCertificate = encodeDeviceCertificate({
  ...deviceFields,
  signature: practitioner.sign(deviceCertificateMessage(deviceFields))
})
const writerCertificate = encodeWriterCertificate({
  ...writerFields,
  signature: rootKey.sign(writerCertificateMessage(writerFields))
})

const granted = { ...writerFields, epoch: 300, caps: 15, notAfter: 1_798_761_600_000 }

export const certificateVectors = () => ({
  writer: {
    epoch: 0,
    caps: 7,
    notAfter: 0,
    ...signedBy(rootKey, writerCertificateMessage(writerFields)),
    certificate: hex(writerCertificate)
  },
  writerWithEnd: {
    epoch: granted.epoch,
    caps: granted.caps,
    notAfter: granted.notAfter,
    ...signedBy(rootKey, writerCertificateMessage(granted)),
    certificate: hex(
      encodeWriterCertificate({ ...granted, signature: rootKey.sign(writerCertificateMessage(granted)) })
    )
  },
  device: { ...signedBy(practitioner, deviceCertificateMessage(deviceFields)), certificate: hex(deviceCertificate) }
})

export const authVectors = () => {
  const challenge = counting(1, 32)
  const cases = ['localhost:8080', 'council.example', '[::1]:8080'].map((host) => ({
    host,
    ...signedBy(writer, authMessage({ host, relayKey: relayKey.publicKey, root, challenge }))
  }))
  return { root, relayKey: hex(relayKey.publicKey), challenge: hex(challenge), cases }
}

export const chainVectors = () => {
  const place = { root, shard: shard('journal/2026/0') }
  let previous: Uint8Array = new Uint8Array(16)
  const entries = [Uint8Array.of(1), counting(0, 200), new Uint8Array(0)].map((bytes, i) => {
    const digest = sha256(bytes)
    previous = nextChainHash(sha256, { ...place, seq: seq(i + 1) }, previous, digest)
    return { seq: i + 1, bytes: hex(bytes), digest: hex(digest), hash: hex(previous) }
  })
  const far = nextChainHash(sha256, { ...place, seq: seq(70_000) }, previous, sha256(Uint8Array.of(7)))
  return { ...place, entries, far: { seq: 70_000, previous: hex(previous), bytes: '07', hash: hex(far) } }
}

export const erasureVectors = () => {
  const scopes: EraseScope[] = [
    { kind: 'root', root },
    { kind: 'shard', root, shard: shard('journal/2026/0') }
  ]
  return {
    relay: keyVector(relayKey),
    cases: scopes.map((scope) => {
      const proof = { scope, rootKey: rootKey.publicKey, signature: rootKey.sign(eraseMessage(scope)) }
      const receipt = { relayKey: relayKey.publicKey, erasedAt: 1_767_225_600_123, backupDays: 30 }
      const message = eraseReceiptMessage(proof, receipt)
      const signature = relayKey.sign(message)
      return {
        scope,
        erase: signedBy(rootKey, eraseMessage(scope)),
        proof: hex(encodeErasureProof(proof)),
        erasedAt: receipt.erasedAt,
        backupDays: receipt.backupDays,
        receiptMessage: hex(message),
        receipt: hex(encodeEraseReceipt({ ...receipt, signature }))
      }
    })
  }
}
