import { authMessage, eraseMessage } from '#core/certificate.ts'
import { ENTRY_KIND } from '#core/entry.ts'
import { encodeEphemeralBody } from '#core/ephemeral.ts'
import { deviceIdFromHash, seq } from '#core/ids.ts'
import { deriveKeys } from './derive.ts'
import { certifyDevice, createCertificateReader } from './device-certificate.ts'
import { digestOf } from './digest.ts'
import { type KeptKeys, keptEntropy, keptSigner, type Tools } from './kept-keys.ts'
import { openEntries, type Reader } from './open.ts'
import { openEphemeralFrame, openSnapshotEntry } from './open-single.ts'
import type { Keyholder } from './ports.ts'
import { type Author, sealEntry } from './seal.ts'
import { openFileBytes, sealFileBytes } from './seal-file.ts'

const NO_HASH = new Uint8Array(16)
const NEVER_SEEN = { relay: new Uint8Array(4), seq: seq(0), hash: NO_HASH }

/** Derives everything once; afterwards P is nowhere in memory but wrapped. Throws when the kept keys do not open. */
export const createKeyholder = async (tools: Tools, kept: KeptKeys): Promise<Keyholder> => {
  const { subtle, ed25519 } = tools
  const keys = await deriveKeys(subtle, ed25519, await keptEntropy(tools, kept), kept.incarnation)
  const signer = await keptSigner(tools, kept)
  const device = deviceIdFromHash(await digestOf(subtle, signer.publicKey))
  const deviceCertificate = await certifyDevice(keys.practitioner, signer.publicKey)
  const author: Author = { keys, device, signer }
  const readCertificate = createCertificateReader(subtle, ed25519, keys.practitioner.publicKey)
  const reader: Reader = { tools, keys, readCertificate }
  const { root, rootSigner } = keys
  return {
    root,
    incarnation: kept.incarnation,
    device,
    deviceKeyGuard: kept.device.guard,
    deviceCertificate,
    writerCertificate: keys.writerCertificate,
    epoch: keys.epoch,
    shard: keys.shard,
    authenticate: (challenge) => keys.writer.sign(authMessage({ ...challenge, root })),
    seal: (shard, request) => sealEntry(tools, author, shard, request),
    open: (shard, known, entries) => openEntries(reader, shard, known, entries),
    openSnapshot: (shard, bytes) => openSnapshotEntry(reader, shard, bytes),
    sealEphemeral: async (shard, payload) => {
      const body = encodeEphemeralBody({ certificate: deviceCertificate, payload })
      const request = { kind: ENTRY_KIND.ephemeral, counter: 0, prev: NO_HASH, seen: NEVER_SEEN, body }
      return (await sealEntry(tools, author, shard, request)).bytes
    },
    openEphemeral: (shard, frame) => openEphemeralFrame(reader, shard, frame),
    signErasure: async (scope) => ({
      scope,
      rootKey: rootSigner.publicKey,
      signature: await rootSigner.sign(eraseMessage(scope))
    }),
    sealFile: (bytes) => sealFileBytes(tools, keys.file, bytes),
    openFile: (bytes) => openFileBytes(tools, keys.file, bytes)
  }
}
