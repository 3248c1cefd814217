import { describe, expect, test } from 'vitest'
import type { DocPath, Shelf } from '#app/store/ports.ts'
import { bytesEqual, bytesToHex } from '#core/bytes.ts'
import { decodeWriterCertificate } from '#core/certificate.ts'
import { ENTRY_KIND, encodeSnapshotBody } from '#core/entry.ts'
import { seq } from '#core/ids.ts'
import { createMemoryShelf } from './memory-shelf.ts'
import type { Vault } from './ports.ts'
import {
  bytesOf,
  coversAfter,
  idsOf,
  JOURNAL,
  NEVER_SEEN,
  signReceipt,
  TEST_WORDS,
  twoDevices,
  updatesOf,
  utf8,
  value,
  writeLines
} from './vault.fixture.ts'

/** What every vault keeps, in this thread or behind a port. @param open a vault over this shelf, as a tab or a restart would make one */
export const vaultContract = (name: string, open: (shelf: Shelf) => Vault): void => {
  describe(`vault contract: ${name}`, () => {
    test('a first launch makes keys once, and a second tab finds the same', async () => {
      const shelf = createMemoryShelf()
      const vault = open(shelf)
      expect(await vault.current()).toEqual({ ok: false, error: { kind: 'no-keys' } })
      const [first, again] = await Promise.all([vault.create(), vault.create()])
      const later = await open(shelf).current()
      expect(idsOf(value(again))).toEqual(idsOf(value(first)))
      expect(idsOf(value(later))).toEqual(idsOf(value(first)))
    })

    test('[KY1] a phrase has 12 words, and the same words make the same root anywhere', async () => {
      const vault = open(createMemoryShelf())
      const mine = value(await vault.create())
      const words = value(await vault.phrase())
      expect(words).toHaveLength(12)
      const elsewhere = open(createMemoryShelf())
      const theirs = value(await elsewhere.consider(value(await elsewhere.parse(words.join('\n'))), 0))
      expect(theirs.root).toBe(mine.root)
      expect(await theirs.shard(JOURNAL)).toBe(await mine.shard(JOURNAL))
      expect(theirs.writerCertificate).toEqual(mine.writerCertificate)
      expect(theirs.device).not.toBe(mine.device)
      expect(await elsewhere.current()).toEqual({ ok: false, error: { kind: 'no-keys' } })
    })

    test('[KY5] each root incarnation of a phrase is another root', async () => {
      const vault = open(createMemoryShelf())
      const zero = value(await vault.create())
      const one = value(await vault.consider(value(await vault.phrase()), 1))
      expect(one.incarnation).toBe(1)
      expect(one.root).not.toBe(zero.root)
      expect(await one.shard(JOURNAL)).not.toBe(await zero.shard(JOURNAL))
    })

    test('a considered phrase is adopted with its device key, while the former can be kept and dropped', async () => {
      const shelf = createMemoryShelf()
      const vault = open(shelf)
      const old = value(await vault.create())
      const considered = value(await vault.consider(TEST_WORDS, 0))
      value(await vault.keepFormer(old))
      value(await vault.adopt(considered))
      expect(value(await vault.phrase())).toEqual(TEST_WORDS)
      const restarted = open(shelf)
      expect(idsOf(value(await restarted.current()))).toEqual(idsOf(considered))
      const former = value(await restarted.former())
      expect(former && idsOf(former)).toEqual(idsOf(old))
      value(await restarted.dropFormer())
      expect(value(await restarted.former())).toBeUndefined()
    })

    test('a renewed device keeps the phrase', async () => {
      const shelf = createMemoryShelf()
      const vault = open(shelf)
      const before = value(await vault.create())
      const after = value(await vault.renewDevice())
      expect(after.root).toBe(before.root)
      expect(after.device).not.toBe(before.device)
      expect(idsOf(value(await open(shelf).current()))).toEqual(idsOf(after))
    })

    test('erasing leaves nothing', async () => {
      const shelf = createMemoryShelf()
      const vault = open(shelf)
      value(await vault.keepFormer(value(await vault.create())))
      value(await vault.erase())
      expect(shelf.values.size).toBe(0)
      expect(await vault.current()).toEqual({ ok: false, error: { kind: 'no-keys' } })
    })

    test('a failing shelf is a failure, and makes no new keys over the old', async () => {
      const broken: Shelf = {
        get: async () => ({ ok: false, error: { kind: 'evicted' } }),
        put: async () => ({ ok: false, error: { kind: 'quota' } }),
        delete: async () => ({ ok: false, error: { kind: 'quota' } })
      }
      const failure = (reason: string) => ({ ok: false, error: { kind: 'storage', reason } })
      expect(await open(broken).create()).toEqual(failure('evicted'))
      expect(await open({ ...broken, get: async () => ({ ok: true, value: undefined }) }).create()).toEqual(
        failure('quota')
      )
      const strange = createMemoryShelf()
      await strange.put('vault/current', { version: 2 })
      expect((await open(strange).create()).ok).toBe(false)
      expect(strange.values.get('vault/current')).toEqual({ version: 2 })
    })

    test('a line is sealed by one device and opened by another under the same phrase', async () => {
      const { alice, bob, shard } = await twoDevices(open)
      const log = await writeLines(alice, shard, ['one', 'two'])
      const opened = await bob.open(shard, [], bytesOf(log))
      expect(opened.map((each) => each.status)).toEqual(['certificate', 'update', 'update'])
      expect(updatesOf(opened)).toEqual(['one', 'two'])
      expect(opened[2]).toMatchObject({
        device: alice.device,
        counter: 3,
        prev: log[1]?.innerHash,
        innerHash: log[2]?.innerHash
      })
      expect(opened.map((each) => bytesToHex(each.digest))).toEqual(log.map((each) => bytesToHex(each.digest)))
    })

    test('[SE9] an unknown device, or a missing predecessor, is opaque and opens once it is known', async () => {
      const { alice, bob, shard } = await twoDevices(open)
      const log = await writeLines(alice, shard, ['one', 'two'])
      const [certificate, one, two] = bytesOf(log)
      if (!certificate || !one || !two) throw new Error('three entries')
      expect(await bob.open(shard, [], [one])).toMatchObject([{ status: 'opaque', reason: 'unknown-device' }])
      const known = coversAfter([], await bob.open(shard, [], [certificate]))
      expect(await bob.open(shard, known, [two])).toMatchObject([{ status: 'opaque', reason: 'predecessor' }])
      expect(updatesOf(await bob.open(shard, known, [one, two]))).toEqual(['one', 'two'])
    })

    test('[SE10] a changed byte anywhere in an entry is never taken for content', async () => {
      const { alice, bob, shard } = await twoDevices(open)
      const [certificate, one] = bytesOf(await writeLines(alice, shard, ['one']))
      if (!certificate || !one) throw new Error('two entries')
      const known = coversAfter([], await bob.open(shard, [], [certificate]))
      const changed = Array.from({ length: one.byteLength }, (_, at) =>
        one.map((byte, i) => (i === at ? byte ^ 1 : byte))
      )
      const opened = await bob.open(shard, known, changed)
      expect(opened.map((each) => each.status).filter((status) => status !== 'invalid' && status !== 'opaque')).toEqual(
        []
      )
      expect(opened.slice(16).every((each) => each.status === 'invalid' && each.reason === 'tag')).toBe(true)
    })

    test('[SE2] an entry opens only under its own root and shard', async () => {
      const { alice, bob, shard } = await twoDevices(open)
      const log = bytesOf(await writeLines(alice, shard, ['one']))
      const elsewhere = await bob.shard('library' as DocPath)
      expect((await bob.open(elsewhere, [], log)).every((each) => each.status === 'invalid')).toBe(true)
      const stranger = value(await open(createMemoryShelf()).create())
      expect((await stranger.open(shard, [], log)).every((each) => each.status === 'invalid')).toBe(true)
    })

    test('[SN4] a snapshot opens alone and brings the certificates of its authors', async () => {
      const { alice, bob, shard } = await twoDevices(open)
      const log = await writeLines(alice, shard, ['one'])
      const covers = coversAfter([], await alice.open(shard, [], bytesOf(log)))
      const body = {
        from: seq(1),
        to: seq(2),
        hashTo: new Uint8Array(16).fill(7),
        covers,
        document: utf8('x'.repeat(3_000))
      }
      const sealed = await alice.seal(shard, {
        kind: ENTRY_KIND.snapshot,
        counter: 2,
        prev: covers[0]?.innerHash ?? new Uint8Array(16),
        seen: NEVER_SEEN,
        body: encodeSnapshotBody(body)
      })
      expect(await bob.openSnapshot(shard, sealed.bytes)).toMatchObject({
        status: 'snapshot',
        device: alice.device,
        body
      })
      expect(await bob.open(shard, covers, [sealed.bytes])).toMatchObject([{ status: 'invalid', reason: 'kind' }])
      expect(await bob.openSnapshot(shard, log[1]?.bytes ?? new Uint8Array())).toMatchObject({
        status: 'invalid',
        reason: 'kind'
      })
    })

    test('[SE13] presence opens for the same phrase and shard, and for nobody else', async () => {
      const { alice, bob, shard } = await twoDevices(open)
      const frame = await alice.sealEphemeral(shard, utf8('here'))
      expect(await bob.openEphemeral(shard, frame)).toEqual({ device: alice.device, body: utf8('here') })
      expect(await bob.openEphemeral(await bob.shard('library' as DocPath), frame)).toBeUndefined()
      expect(await bob.openEphemeral(shard, frame.subarray(0, 40))).toBeUndefined()
      const stranger = value(await open(createMemoryShelf()).create())
      expect(await stranger.openEphemeral(shard, frame)).toBeUndefined()
    })

    test('[SE16] a sealed file opens under the phrase only', async () => {
      const { alice, bob } = await twoDevices(open)
      const backup = utf8(
        JSON.stringify(Array.from({ length: 300 }, (_, i) => ({ id: i * 7919, note: `evening ${i}` })))
      )
      const sealed = await alice.sealFile(backup)
      expect(await bob.openFile(sealed)).toEqual({ ok: true, value: backup })
      const stranger = value(await open(createMemoryShelf()).create())
      expect(await stranger.openFile(sealed)).toEqual({ ok: false, error: 'not-ours' })
      expect(await bob.openFile(utf8('{"practices":[]}'))).toEqual({ ok: false, error: 'malformed' })
    })

    test('[ER1] an erasure is proven by the root key alone', async () => {
      const vault = open(createMemoryShelf())
      const alice = value(await vault.create())
      const proof = await alice.signErasure({ kind: 'root', root: alice.root })
      const anyone = open(createMemoryShelf())
      expect(await anyone.verifyErasure(proof)).toBe(true)
      const shard = await alice.shard(JOURNAL)
      expect(await anyone.verifyErasure({ ...proof, scope: { kind: 'shard', root: alice.root, shard } })).toBe(false)
      const stranger = value(await anyone.create())
      expect(await anyone.verifyErasure({ ...proof, scope: { kind: 'root', root: stranger.root } })).toBe(false)
      expect(await anyone.verifyErasure(await stranger.signErasure(proof.scope))).toBe(false)
      expect(await anyone.verifyErasure({ ...proof, signature: new Uint8Array(64) })).toBe(false)
    })

    test('[ER2] a receipt holds for its own proof and relay key only', async () => {
      const vault = open(createMemoryShelf())
      const alice = value(await vault.create())
      const proof = await alice.signErasure({ kind: 'root', root: alice.root })
      const receipt = await signReceipt(proof)
      expect(await vault.verifyReceipt(proof, receipt)).toBe(true)
      expect(await vault.verifyReceipt(proof, { ...receipt, backupDays: 0 })).toBe(false)
      const other = await alice.signErasure({ kind: 'shard', root: alice.root, shard: await alice.shard(JOURNAL) })
      expect(await vault.verifyReceipt(other, receipt)).toBe(false)
    })

    test('[CE1] the writer certificate names the root by its key and grants reading, appending and snapshots', async () => {
      const alice = value(await open(createMemoryShelf()).create())
      const certificate = value(decodeWriterCertificate(alice.writerCertificate))
      expect(certificate).toMatchObject({ epoch: alice.epoch, caps: 7, notAfter: 0 })
      const fields = { host: 'localhost:8080', relayKey: new Uint8Array(32), challenge: new Uint8Array(32) }
      expect(await alice.authenticate(fields)).toHaveLength(64)
      const other = await alice.authenticate({ ...fields, host: 'localhost:8081' })
      expect(bytesEqual(await alice.authenticate(fields), other)).toBe(false)
    })
  })
}
