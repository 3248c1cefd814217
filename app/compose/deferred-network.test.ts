import { expect, test, vi } from 'vitest'
import type { Sync } from '#app/sync/create-sync.ts'
import { ok } from '#core/result.ts'
import { createDeferredNetwork } from './deferred-network.ts'

const never = { get: () => null, subscribe: () => () => {} }

test('a network whose chunk could not be loaded is asked for again by what needs it next', async () => {
  const said = vi.spyOn(console, 'warn').mockImplementation(() => {})
  let asked = 0
  const sync = { ...never, addRelay: async () => ok(undefined) }
  const network = createDeferredNetwork(async () => {
    asked += 1
    if (asked === 1) throw new Error('no network')
    return { sync, restore: { unfinished: never } } as unknown as Sync
  })
  await expect(network.sync.addRelay('relay.example')).rejects.toThrow('no network')
  expect(await network.sync.addRelay('relay.example')).toEqual(ok(undefined))
  expect(asked).toBe(2)
  expect(said).toHaveBeenCalledTimes(1)
})
