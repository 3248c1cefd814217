import { describe, expect, test } from 'vitest'
import { createRig, HOST } from '#testing/wire/relay-rig.ts'
import { nackOf, other, root, shard } from '#testing/wire/relay-scene.ts'
import { wireEntry } from '#testing/wire/root.ts'
import { refusalOf, type Wire } from '#testing/wire/wire.ts'

describe('opening', () => {
  const challenge = async (wire: Wire) => {
    wire.send({ type: 'open', ch: 0, root: root.id })
    return wire.expect('challenge')
  }

  test('[RL1] OPEN is answered by a fresh challenge and the relay key, for any root', async () => {
    const rig = createRig()
    const [one, two] = [await challenge(rig.plug()), await challenge(rig.plug())]
    expect(one.challenge).not.toEqual(two.challenge)
    expect(one.relayKey).toEqual(two.relayKey)
  })

  test('[RL2] READY follows a valid AUTH and names the floor', async () => {
    expect(await createRig().plug().enter(root, HOST)).toMatchObject({ ch: 0, floor: 0 })
  })

  test('[RL3] a challenge serves once and not for longer than its lifetime', async () => {
    const rig = createRig()
    const wire = rig.plug()
    const first = await challenge(wire)
    const auth = root.auth(0, { ...first, host: HOST })
    wire.send(root.auth(0, { ...first, host: 'elsewhere' }))
    expect(await nackOf(wire)).toBe('host')
    wire.send(auth)
    expect(await nackOf(wire)).toBe('stale-challenge')
    const slow = createRig({ limits: { helloMs: 1e9 } })
    const late = slow.plug()
    const second = await challenge(late)
    slow.clock.pass(59_000)
    late.send({ type: 'open', ch: 1, root: root.id })
    const third = await late.expect('challenge')
    slow.clock.pass(2_000)
    late.send(root.auth(0, { ...second, host: HOST }))
    expect(await nackOf(late)).toBe('unknown-channel')
    late.send(root.auth(1, { ...third, host: HOST }))
    await late.expect('ready')
    // Also on a socket that has proven itself for another channel.
    late.send({ type: 'open', ch: 2, root: root.id })
    const fourth = await late.expect('challenge')
    slow.clock.pass(61_000)
    late.send(root.auth(2, { ...fourth, host: HOST }))
    expect(await nackOf(late)).toBe('unknown-channel')
  })

  test('[RL4] AUTH is refused by name: host, certificate, signature, expired', async () => {
    const refusals: (string | undefined)[] = []
    const rig = createRig()
    const attempt = async (
      change: (given: { challenge: Uint8Array; relayKey: Uint8Array }) => Parameters<Wire['send']>[0]
    ) => {
      const wire = rig.plug()
      wire.send(change(await challenge(wire)))
      refusals.push(await nackOf(wire))
    }
    await attempt((given) => root.auth(0, { ...given, host: 'evil.test' }))
    await attempt((given) => root.auth(0, { ...given, host: HOST, certificate: new Uint8Array(5) }))
    await attempt((given) => root.auth(0, { ...given, host: HOST, certificate: other.certificate() }))
    const forged = root.certificate()
    forged[forged.byteLength - 1] = (forged.at(-1) ?? 0) ^ 1
    await attempt((given) => root.auth(0, { ...given, host: HOST, certificate: forged }))
    await attempt((given) => other.auth(0, { ...given, host: HOST, certificate: root.certificate() }))
    await attempt((given) => root.auth(0, { ...given, challenge: new Uint8Array(32), host: HOST }))
    await attempt((given) => root.auth(0, { ...given, relayKey: new Uint8Array(32), host: HOST }))
    await attempt((given) => root.auth(0, { ...given, host: HOST, certificate: root.certificate({ notAfter: 1 }) }))
    const [host, malformed, foreign, badSign, ...rest] = refusals
    expect([host, malformed, foreign, badSign]).toEqual(['host', 'certificate', 'certificate', 'certificate'])
    expect(rest).toEqual(['signature', 'signature', 'signature', 'expired'])
  })

  test('[RL5] a root nobody began here needs admission, a known one does not', async () => {
    const rig = createRig({ admit: (admission) => admission === 'let me in' })
    const stranger = rig.plug()
    const given = await challenge(stranger)
    stranger.send(root.auth(0, { ...given, host: HOST, admission: 'please' }))
    expect(await nackOf(stranger)).toBe('admission')
    const guest = rig.plug()
    guest.send(root.auth(0, { ...(await challenge(guest)), host: HOST, admission: 'let me in' }))
    await guest.expect('ready')
    await rig.plug().enter(root, HOST)
  })

  test('[RL6] a higher epoch raises the floor for good, a lower one is told the floor’s certificate', async () => {
    const rig = createRig()
    await rig.plug().enter(root, HOST)
    const next = root.certificate({ epoch: 3 })
    expect((await rig.plug().enter(root, HOST, 0, next)).floor).toBe(3)
    const late = rig.plug()
    late.send(root.auth(0, { ...(await challenge(late)), host: HOST }))
    const nack = await late.expect('nack')
    expect([refusalOf(nack), nack.detail]).toEqual(['epoch', next])
  })

  test('[RL7] frames before READY and on unknown channels are refused', async () => {
    const wire = createRig().plug()
    wire.push(shard, [wireEntry()])
    expect(await nackOf(wire)).toBe('unknown-channel')
    await challenge(wire)
    wire.push(shard, [wireEntry()], 5)
    expect(await wire.expect('nack')).toMatchObject({ shard, ref: 5, code: 21 })
    wire.pull(shard)
    expect(await nackOf(wire)).toBe('not-authenticated')
  })
})
