import { docBytes } from '#app/store/bytes.ts'
import type { DocPath, RelayName } from '#app/store/ports.ts'
import { createCell } from './cell.ts'
import { createSync } from './create-sync.ts'
import type { House, TestDevice } from './devices.fixture.ts'
import { JOURNAL, KEYRING } from './notebook.fixture.ts'
import { RELAY, sha256 } from './relay.fixture.ts'
import type { SyncParts } from './sync-parts.ts'

/** The whole of sync as the app wires it, on a device that was not started. */
export const wire = (device: TestDevice, overrides: Partial<SyncParts> = {}) => {
  const relaySetting = createCell('')
  const forgotten = { times: 0 }
  const parts: SyncParts = {
    log: device.log,
    vault: async () => device.vault,
    docBytes,
    sha256,
    documents: createCell<readonly DocPath[]>([KEYRING, JOURNAL]),
    relaySetting: {
      get: relaySetting.get,
      subscribe: relaySetting.subscribe,
      set: async (next) => relaySetting.set(next)
    },
    page: `https://${RELAY}`,
    dial: (url, on) => device.ports.dial(new URL(url).host as RelayName, on),
    clock: device.ports.clock,
    random: device.ports.random,
    setTimer: device.ports.setTimer,
    leadership: { state: () => 'leading', subscribe: () => () => {} },
    channel: undefined,
    deleteDatabase: async () => true,
    forgotten: () => {
      forgotten.times += 1
    },
    report: (problem) => {
      throw new Error(problem)
    },
    ...overrides
  }
  return { ...createSync(parts), parts, forgotten }
}

/** Lets virtual time run while something is awaited. */
export const meanwhile = async <Value>(house: House, work: Promise<Value>): Promise<Value> => {
  let done = false
  const watched = work.finally(() => {
    done = true
  })
  for (let i = 0; i < 200 && !done; i++) await house.pass(1_000)
  return watched
}
