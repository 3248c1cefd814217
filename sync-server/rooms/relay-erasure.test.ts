import { describe, expect, test } from 'vitest'
import { decodeEraseReceipt, encodeErasureProof, eraseReceiptMessage } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { createRig, HOST, verifyEd25519 } from '#testing/wire/relay-rig.ts'
import { enter, nackOf, other, pushed, root, sealedSnapshot, shard, snap } from '#testing/wire/relay-scene.ts'
import { wireEntry, wireShard } from '#testing/wire/root.ts'
import { refusalOf } from '#testing/wire/wire.ts'

describe('erasure', () => {
  test('[RL20] ERASE needs OPEN only; ERASED carries the proof and a receipt the relay signed', async () => {
    const rig = createRig({ backupDays: 7 })
    await pushed(await enter(rig), [wireEntry()])
    const wire = rig.plug()
    wire.send({ type: 'open', ch: 4, root: root.id })
    const { relayKey } = await wire.expect('challenge')
    const request = root.erase(4)
    if (request.type !== 'erase') throw new Error('an erase frame')
    wire.send(request)
    const { proof, receipt } = await wire.expect('erased')
    expect(proof).toEqual(encodeErasureProof(request))
    const decoded = decodeEraseReceipt(receipt)
    if (!decoded.ok) throw new Error('a receipt')
    expect(decoded.value).toMatchObject({ relayKey, backupDays: 7, erasedAt: rig.clock.now() })
    const message = eraseReceiptMessage(request, decoded.value)
    expect(await verifyEd25519(relayKey, message, decoded.value.signature)).toBe(true)
    rig.clock.pass(5_000)
    wire.send(request)
    expect((await wire.expect('erased')).receipt).toEqual(receipt)
  })

  test('[RL21] a late device is told erased with the proof, at AUTH and on its open channels', async () => {
    const rig = createRig()
    const [a, b] = [await enter(rig), await enter(rig)]
    await pushed(b, [wireEntry()])
    a.send(root.erase(0))
    const { proof } = await a.expect('erased')
    const told = await b.expect('nack')
    expect([refusalOf(told), told.detail]).toEqual(['erased', proof])
    const late = rig.plug()
    late.send({ type: 'open', ch: 0, root: root.id })
    late.send(root.auth(0, { ...(await late.expect('challenge')), host: HOST }))
    const refused = await late.expect('nack')
    expect([refusalOf(refused), refused.detail]).toEqual(['erased', proof])
  })

  test('[RL22] an erased shard cannot be pushed, pulled or compacted; its root goes on', async () => {
    const rig = createRig()
    const [a, b] = [await enter(rig), await enter(rig)]
    await pushed(a, [wireEntry()])
    b.pull(shard)
    await b.until('head')
    a.send(root.erase(0, { kind: 'shard', root: root.id, shard }))
    await a.expect('erased')
    expect(await b.expect('nack')).toMatchObject({ shard, code: 9 })
    a.push(shard, [wireEntry()])
    expect(await nackOf(a)).toBe('erased')
    a.pull(shard)
    expect(await nackOf(a)).toBe('erased')
    snap(a, 1, EMPTY_CHAIN_HASH, sealedSnapshot())
    expect(await nackOf(a)).toBe('erased')
    a.push(wireShard(2), [wireEntry()])
    expect((await a.expect('ack')).seqs).toEqual([1])
  })

  test('[RL23] an ERASE that is not the root’s own is refused and erases nothing', async () => {
    const rig = createRig()
    const wire = await enter(rig)
    await pushed(wire, [wireEntry()])
    const own = root.erase(0)
    if (own.type !== 'erase') throw new Error('an erase frame')
    const refusals: (string | undefined)[] = []
    for (const bad of [
      { ...own, signature: new Uint8Array(64) },
      { ...own, rootKey: other.rootKey },
      { ...own, scope: { kind: 'shard', root: root.id, shard } as const },
      other.erase(0),
      { ...own, ch: 8 }
    ]) {
      wire.send(bad)
      refusals.push(await nackOf(wire))
    }
    expect(refusals).toEqual(['signature', 'certificate', 'signature', 'not-permitted', 'unknown-channel'])
    wire.pull(shard)
    await wire.expect('entries')
  })
})
