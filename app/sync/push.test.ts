import { expect, test } from 'vitest'
import { createHouse } from './devices.fixture.ts'

test('[DV1] an edit reaches the relay, is acknowledged, and reaches the other device', async () => {
  const house = createHouse(7)
  const alice = await house.device('alice')
  await house.pass(2_000)
  const bob = await house.device('bob')
  await house.pass(2_000)
  await alice.write('one', 'a quiet morning')
  await house.pass(1_000)
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 1, safety: 'this-device' })
  await house.pass(9_000)
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
  expect(await bob.read()).toEqual({ one: 'a quiet morning' })
  await house.pass(5_000)
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 0, safety: 'other-device' })
  expect(alice.facts().otherDevices).toBe(1)
  expect(house.relay.disk.roots.size).toBe(1)
})
