import { expect, test } from 'vitest'
import { verifyEd25519 } from '#server/auth/signatures.ts'
import { createRig, HOST, verifyEd25519 as verifyAtOnce } from '#testing/wire/relay-rig.ts'
import { root } from '#testing/wire/relay-scene.ts'
import { wireRoot } from '#testing/wire/root.ts'
import { createLastingChecks } from './lasting-checks.ts'
import type { RelayOptions } from './relay-ports.ts'

type Verify = RelayOptions['verify']

/** Lets all go on that waits for nothing but its turn, without one turn of the event loop. */
const withinThisTurn = async (): Promise<void> => {
  for (let i = 0; i < 1_000; i++) await Promise.resolve()
}

test('signatures are checked away from the event loop: who asks for the time meanwhile is told it before any of many proofs was looked at', async () => {
  const crowd = 50
  const readyAfter = async (verify: Verify) => {
    const rig = createRig({ verify })
    const wires = Array.from({ length: crowd }, () => rig.plug())
    const entering = wires.map((wire) => wire.enter(root, HOST))
    await withinThisTurn()
    const other = rig.plug()
    other.send({ type: 'time', t0: 1 })
    let ready = 0
    for (const each of entering) void each.then(() => ready++)
    await withinThisTurn()
    const before = ready
    const isTold = other.waiting().some(({ type }) => type === 'time')
    await Promise.all(entering)
    return { isTold, before, after: ready }
  }
  expect(await readyAfter(verifyEd25519)).toEqual({ isTold: true, before: 0, after: crowd })
  // What this would look like if they were not.
  expect((await readyAfter(verifyAtOnce)).before).toBe(crowd)
})

test('the certificate that all devices of a root show is checked once, each proof by itself', async () => {
  const asked: string[] = []
  const verify: Verify = (key, message, signature) => {
    asked.push(Buffer.from(signature).toString('hex'))
    return verifyAtOnce(key, message, signature)
  }
  const rig = createRig({ verify })
  await Promise.all(Array.from({ length: 10 }, () => rig.plug().enter(root, HOST)))
  expect(asked.length).toBe(11)
  expect(new Set(asked).size).toBe(11)
  await rig.plug().enter(wireRoot('another'), HOST)
  expect(asked.length).toBe(13)
})

test('a check that failed is made again, one of other bytes is another, and in time all are forgotten', async () => {
  let made = 0
  let isValid = false
  const verify: Verify = async () => {
    made++
    return isValid
  }
  const checks = createLastingChecks(verify, (bytes) => bytes.slice())
  const asked = { key: new Uint8Array(32), message: new Uint8Array([1]), signature: new Uint8Array(64) }
  expect(await checks.check(asked)).toBe(false)
  isValid = true
  expect(await checks.check(asked)).toBe(true)
  expect(await checks.check(asked)).toBe(true)
  expect(made).toBe(2)
  for (const other of [
    { ...asked, key: new Uint8Array(32).fill(1) },
    { ...asked, message: new Uint8Array([2]) },
    { ...asked, signature: new Uint8Array(64).fill(1) }
  ]) {
    await checks.check(other)
  }
  expect(made).toBe(5)
  for (let seconds = 0; seconds < 120; seconds++) checks.tick()
  await checks.check(asked)
  expect(made).toBe(6)
  for (let n = 0; n < 4_100; n++) await checks.check({ ...asked, message: new Uint8Array([n & 0xff, n >> 8, 7]) })
  await checks.check(asked)
  expect(made).toBe(6 + 4_100 + 1)
})
