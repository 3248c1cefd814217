import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { isErasureProof, isReceipt } from './client.ts'
import { ascii, bytes, concat, createReader, equal, fromHex, label, toHex, varuint } from './codec.ts'
import { type Lines, openEntry, openSnapshot, padme } from './entries.ts'
import { readFrame, write } from './frames.ts'
import { certify, deriveRoot, ed25519, h16, hkdf, phraseToP, sha256 } from './keys.ts'

/** The vectors, read by the client that knows nothing of the code that wrote them. */

// biome-ignore lint/suspicious/noExplicitAny: the files are read as a stranger would, without types of ours
const read = (name: string): any =>
  JSON.parse(readFileSync(join(resolve(import.meta.dirname, '../../docs/spec/vectors'), name), 'utf8'))
const keys = read('keys.json')
const root = deriveRoot(keys.phrase, 0)

test('this client imports nothing from the rooms it is to check', () => {
  const sources = readdirSync(import.meta.dirname).filter((name) => !name.endsWith('.test.ts'))
  expect(sources.length).toBeGreaterThan(3)
  for (const name of sources) {
    const imports = [...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(/from '([^']+)'/g)].map(
      ([, from]) => from
    )
    for (const from of imports)
      expect(from).toMatch(/^(\.\/\w+\.ts|node:\w+|ws|yjs|@scure\/bip39\/wordlists\/english\.js)$/)
  }
})

test('[EN1] numbers and padding', () => {
  const { varuint: numbers, malformedVaruint, padme: lengths } = read('encoding.json')
  for (const each of numbers) {
    expect(toHex(varuint(each.value))).toBe(each.bytes)
    expect(createReader(fromHex(each.bytes)).varuint()).toBe(each.value)
  }
  for (const each of malformedVaruint) expect(() => createReader(fromHex(each)).varuint()).toThrow()
  for (const each of lengths) expect(padme(each.length)).toBe(each.padded)
})

test('[KY2] keys', () => {
  expect(toHex(phraseToP(keys.phrase))).toBe(keys.P)
  expect(toHex(hkdf(phraseToP(keys.phrase), 'id/box', 32))).toBe(keys.practitionerBoxSecret)
  expect(toHex(ed25519(fromHex(keys.practitioner.seed)).publicKey)).toBe(keys.practitioner.publicKey)
  for (const each of keys.roots) {
    const derived = deriveRoot(keys.phrase, each.incarnation)
    expect(derived.rootId).toBe(each.rootId)
    expect([toHex(derived.content), toHex(derived.live)]).toEqual([each.contentKey, each.liveKey])
    for (const [path, shard] of Object.entries(each.shards)) expect(toHex(derived.shard(path))).toBe(shard)
  }
})

test('[CE3] certificates and AUTH', () => {
  const certificates = read('certificates.json')
  expect(toHex(root.writerCertificate)).toBe(certificates.writer.certificate)
  expect(toHex(certify(root, fromHex(keys.device.publicKey)))).toBe(certificates.device.certificate)
  const { relayKey, challenge, cases } = read('auth.json')
  for (const { host, message, signature } of cases) {
    const proof = concat(label('auth'), bytes(ascii(host)), fromHex(relayKey), ascii(root.rootId), fromHex(challenge))
    expect(toHex(proof)).toBe(message)
    expect(toHex(root.W.sign(proof))).toBe(signature)
  }
})

test('[CH1] the chain', () => {
  const { root: rootId, shard, entries } = read('chain.json')
  let hash = new Uint8Array(16)
  for (const each of entries) {
    const digest = sha256(fromHex(each.bytes))
    hash = new Uint8Array(
      h16(concat(label('chain'), bytes(ascii(rootId)), fromHex(shard), varuint(each.seq), hash, digest))
    )
    expect(toHex(hash)).toBe(each.hash)
  }
})

test('[SE1] a log opens entry by entry', () => {
  const { shard, log, inflatedBodyOfThird } = read('entry.json')
  const lines: Lines = new Map()
  for (const each of log) {
    const opened = openEntry(root, fromHex(shard), lines, fromHex(each.entry))
    expect(opened).toMatchObject({ kind: each.kind, device: each.device, counter: each.counter })
    expect(opened && toHex(opened.innerHash)).toBe(each.innerHash)
    expect(opened && toHex(opened.body)).toBe((each.flags & 1) === 1 ? inflatedBodyOfThird : each.body)
  }
  expect(openEntry(root, fromHex(shard), new Map(), fromHex(log[1].entry))).toBeUndefined()
})

test('[SN5] a snapshot opens alone', () => {
  const { shard, snapshot, from, to, hashTo, document } = read('snapshot.json')
  const opened = openSnapshot(root, fromHex(shard), fromHex(snapshot.entry))
  expect(opened).toMatchObject({ from, to })
  expect([toHex(opened.hashTo), toHex(opened.document)]).toEqual([hashTo, document])
  expect([...opened.covers.keys()]).toEqual([keys.device.id])
})

test('[ER3] erasures and receipts', () => {
  const { relay, cases } = read('erasure.json')
  for (const { proof, receipt } of cases) {
    expect(isErasureProof(fromHex(proof))).toBe(true)
    expect(isReceipt(fromHex(proof), fromHex(receipt), fromHex(relay.publicKey))).toBe(true)
  }
})

test('[EN2] frames this client sends and reads', () => {
  const { device, relay } = read('frames.json')
  const of = (type: string) => device.find(({ frame }: { frame: { type: string } }) => frame.type === type)
  const { frame: pull, bytes: pulled } = of('pull')
  expect(toHex(write.pull(pull.ch, fromHex(pull.shard), pull.after, fromHex(pull.hashAfter)))).toBe(pulled)
  const { frame: push, bytes: pushed } = of('push')
  expect(toHex(write.push(push.ch, fromHex(push.shard), push.ref, push.entries.map(fromHex)))).toBe(pushed)
  const { frame: snap, bytes: snapped } = of('snap')
  const chunk = { ...snap, hashTo: fromHex(snap.hashTo), chunk: fromHex(snap.chunk) }
  expect(toHex(write.snap(snap.ch, fromHex(snap.shard), snap.ref, chunk))).toBe(snapped)
  const { frame: erase, bytes: erased } = of('erase')
  const { rootKey, signature } = erase
  expect(toHex(write.eraseRoot(0, erase.scope.root, fromHex(rootKey), fromHex(signature)))).toBe(erased)
  const understood = relay.filter(({ bytes: each }: { bytes: string }) => readFrame(fromHex(each)))
  expect(understood.length).toBe(9)
  for (const { frame, bytes: each } of understood) {
    const got = readFrame(fromHex(each))
    expect(got).toMatchObject({ type: frame.type, ch: frame.ch })
    if (got?.type === 'nack')
      expect([got.code, got.shard ?? null, got.ref ?? null]).toEqual([frame.code, frame.shard, frame.ref])
    if (got?.type === 'head') expect(equal(got.hash, fromHex(frame.hash))).toBe(true)
  }
})
