import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { DocPath } from '#app/store/ports.ts'
import { createVault } from '#app/vault/create-vault.ts'
import { certifyDevice } from '#app/vault/device-certificate.ts'
import { createForger } from '#app/vault/forge.ts'
import { createMemoryShelf } from '#app/vault/memory-shelf.ts'
import type { Keyholder, Vault } from '#app/vault/ports.ts'
import { type Author, sealEntry } from '#app/vault/seal.ts'
import { bytesToHex, hexToBytes } from '#core/bytes.ts'
import { decodeEraseReceipt, decodeErasureProof } from '#core/certificate.ts'
import { nextChainHash } from '#core/chain.ts'
import { padmeLength } from '#core/entry.ts'
import { decodeDeviceFrame } from '#core/frame-codec-device.ts'
import { decodeRelayFrame } from '#core/frame-codec-relay.ts'
import { type ShardId, seq } from '#core/ids.ts'
import type { Result } from '#core/result.ts'
import { decode, readVarUint } from '#core/wire.ts'
import { type encodingVectors, type keyVectors, sha256 } from './basics.ts'
import type { entryVectors, ephemeralVectors, fileVectors, snapshotVectors } from './entries.ts'
import type { frameVectors } from './frames.ts'
import type { authVectors, certificateVectors, chainVectors, erasureVectors } from './proofs.ts'
import { buildVectors, VECTORS_FOLDER } from './write.ts'

const read = <Vectors>(name: string): Vectors => JSON.parse(readFileSync(join(VECTORS_FOLDER, name), 'utf8')) as Vectors
const value = <Value>(result: Result<Value, unknown>): Value => {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

const keys = read<ReturnType<typeof keyVectors>>('keys.json')
const words = keys.phrase.split(' ')
let vault: Vault
let holder: Keyholder
beforeAll(async () => {
  vault = createVault({
    shelf: createMemoryShelf(),
    crypto,
    random: (length) => crypto.getRandomValues(new Uint8Array(length))
  })
  holder = value(await vault.consider(words, 0))
})

/** The vectors' device, whose key is random in life. */
const vectorDevice = async (nonce: Uint8Array, deflated: Uint8Array | undefined) => {
  const forger = await createForger(words)
  const signer = await forger.tools.ed25519.signerFromSeed(hexToBytes(keys.device.seed))
  const author: Author = { keys: forger.keys, signer, device: keys.device.id }
  const compression = { ...forger.tools.compression, deflate: async (bytes: Uint8Array) => deflated ?? bytes }
  return { author, tools: { ...forger.tools, random: () => nonce, compression } }
}

test('the files say what the code makes, and there is no other file', () => {
  const built = buildVectors()
  for (const [name, content] of Object.entries(built))
    expect(read(name), name).toEqual(JSON.parse(JSON.stringify(content)))
  expect(readdirSync(VECTORS_FOLDER).sort()).toEqual(Object.keys(built).sort())
})

test('[EN1] numbers and padding are those of the vectors', () => {
  const { varuint, malformedVaruint, padme, host } = read<ReturnType<typeof encodingVectors>>('encoding.json')
  for (const { value: number, bytes } of varuint)
    expect(decode(hexToBytes(bytes), readVarUint)).toEqual({ ok: true, value: number })
  for (const bytes of malformedVaruint) expect(decode(hexToBytes(bytes), readVarUint).ok).toBe(false)
  for (const { length, padded } of padme) expect(padmeLength(length)).toBe(padded)
  for (const { dialled, host: text } of host) expect(new URL(dialled).host).toBe(text)
})

test('[KY2] the vault derives the keys of the vectors', async () => {
  for (const root of keys.roots) {
    const derived = value(await vault.consider(words, root.incarnation))
    expect(derived.root).toBe(root.rootId)
    for (const [path, shard] of Object.entries(root.shards)) expect(await derived.shard(path as DocPath)).toBe(shard)
    expect(bytesToHex(derived.writerCertificate)).toContain(root.R.publicKey)
    expect(bytesToHex(derived.writerCertificate)).toContain(root.W.publicKey)
  }
  expect(bytesToHex(holder.deviceCertificate)).toContain(keys.practitioner.publicKey)
})

test('[CE3] certificates and the proof of AUTH are those of the vectors', async () => {
  const certificates = read<ReturnType<typeof certificateVectors>>('certificates.json')
  expect(bytesToHex(holder.writerCertificate)).toBe(certificates.writer.certificate)
  const forger = await createForger(words)
  const device = await certifyDevice(forger.keys.practitioner, hexToBytes(keys.device.publicKey))
  expect(bytesToHex(device)).toBe(certificates.device.certificate)
  const auth = read<ReturnType<typeof authVectors>>('auth.json')
  for (const { host, signature } of auth.cases) {
    const fields = { host, relayKey: hexToBytes(auth.relayKey), challenge: hexToBytes(auth.challenge) }
    expect(bytesToHex(await holder.authenticate(fields))).toBe(signature)
  }
})

test('[CH1] the chain is that of the vectors', () => {
  const { root, shard, entries, far } = read<ReturnType<typeof chainVectors>>('chain.json')
  let previous: Uint8Array = new Uint8Array(16)
  for (const { seq: at, bytes, digest, hash } of entries) {
    expect(bytesToHex(sha256(hexToBytes(bytes)))).toBe(digest)
    previous = nextChainHash(sha256, { root, shard, seq: seq(at) }, previous, hexToBytes(digest))
    expect(bytesToHex(previous)).toBe(hash)
  }
  const last = nextChainHash(sha256, { root, shard, seq: seq(far.seq) }, previous, sha256(hexToBytes(far.bytes)))
  expect(bytesToHex(last)).toBe(far.hash)
})

test('[SE1] the vault seals the vectors’ entries byte for byte, and opens them', async () => {
  const { shard, log, inflatedBodyOfThird } = read<ReturnType<typeof entryVectors>>('entry.json')
  for (const entry of log) {
    const deflated = (entry.flags & 1) === 1 ? hexToBytes(entry.body) : undefined
    const { author, tools } = await vectorDevice(hexToBytes(entry.nonce), deflated)
    const sealed = await sealEntry(tools, author, shard, {
      kind: entry.kind as 1 | 2,
      counter: entry.counter,
      prev: hexToBytes(entry.prev),
      seen: { relay: hexToBytes(entry.seen.relay), seq: entry.seen.seq, hash: hexToBytes(entry.seen.hash) },
      body: hexToBytes(deflated ? inflatedBodyOfThird : entry.body)
    })
    expect(bytesToHex(sealed.bytes)).toBe(entry.entry)
    expect(bytesToHex(sealed.innerHash)).toBe(entry.innerHash)
    expect(bytesToHex(sealed.digest)).toBe(entry.digest)
  }
  const opened = await holder.open(
    shard,
    [],
    log.map((entry) => hexToBytes(entry.entry))
  )
  expect(opened).toMatchObject([
    { status: 'certificate', certificate: hexToBytes(log[0]?.body ?? '') },
    { status: 'update', update: hexToBytes(log[1]?.body ?? ''), prev: hexToBytes(log[0]?.innerHash ?? '') },
    { status: 'update', update: hexToBytes(inflatedBodyOfThird), device: keys.device.id, counter: 3 }
  ])
})

test('[SN5] the vault opens the vectors’ snapshot', async () => {
  const { shard, snapshot, from, to, hashTo, document } = read<ReturnType<typeof snapshotVectors>>('snapshot.json')
  const opened = await holder.openSnapshot(shard, hexToBytes(snapshot.entry))
  const covers = [{ device: keys.device.id, counter: 3, innerHash: hexToBytes(snapshot.prev) }]
  expect(opened).toMatchObject({
    status: 'snapshot',
    body: { from, to, hashTo: hexToBytes(hashTo), document: hexToBytes(document), covers }
  })
})

test('[SE13] the vault opens the vectors’ presence', async () => {
  const { shard, frame, payload } = read<ReturnType<typeof ephemeralVectors>>('ephemeral.json')
  expect(await holder.openEphemeral(shard as ShardId, hexToBytes(frame.entry))).toEqual({
    device: keys.device.id,
    body: hexToBytes(payload)
  })
})

test('[SE16] the vault opens the vectors’ file', async () => {
  const { file, body } = read<ReturnType<typeof fileVectors>>('file.json')
  expect(await holder.openFile(hexToBytes(file))).toEqual({ ok: true, value: hexToBytes(body) })
})

test('[ER3] the vault signs the vectors’ erasures and believes their receipts', async () => {
  const { cases } = read<ReturnType<typeof erasureVectors>>('erasure.json')
  for (const each of cases) {
    expect(bytesToHex((await holder.signErasure(each.scope)).signature)).toBe(each.erase.signature)
    const proof = value(decodeErasureProof(hexToBytes(each.proof)))
    expect(proof.scope).toEqual(each.scope)
    expect(await vault.verifyErasure(proof)).toBe(true)
    expect(await vault.verifyReceipt(proof, value(decodeEraseReceipt(hexToBytes(each.receipt))))).toBe(true)
  }
})

test('[EN2] every frame of the vectors is read as it was meant', () => {
  const { device, relay } = read<ReturnType<typeof frameVectors>>('frames.json')
  const plain = (frame: unknown): unknown =>
    JSON.parse(
      JSON.stringify(frame, (_, part) =>
        part instanceof Uint8Array ? bytesToHex(part) : part === undefined ? null : part
      )
    )
  for (const { frame, bytes } of device) expect(plain(value(decodeDeviceFrame(hexToBytes(bytes))))).toEqual(frame)
  for (const { frame, bytes } of relay) expect(plain(value(decodeRelayFrame(hexToBytes(bytes))))).toEqual(frame)
  expect(new Set(device.map(({ bytes }) => bytes.slice(0, 2))).size).toBe(10)
  expect(new Set(relay.map(({ bytes }) => bytes.slice(0, 2))).size).toBe(13)
})
