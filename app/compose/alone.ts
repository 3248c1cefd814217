import type { ErasePort, RestorePort, SyncFacts, SyncPort } from '#app/sync/status.ts'
import { createCell } from '#app/ui/parts/live.ts'
import { err, ok } from '#core/result.ts'
import type { Network } from './deferred-network.ts'

/** For a page that may not keep keys (plain http on a name that is not localhost): nothing leaves this device, and it says so. */
const createAloneSync = (why: 'no-relay' | 'insecure-context'): SyncPort => {
  const facts = createCell<SyncFacts>({
    status: { kind: 'off', why },
    relay: null,
    relays: [],
    live: null,
    lastAck: null,
    spokenByAnotherTab: false,
    otherDevices: null,
    notices: []
  })
  return {
    get: facts.get,
    subscribe: facts.subscribe,
    retry: () => undefined,
    addRelay: async () => err('not-allowed-by-page'),
    removeRelay: async () => undefined,
    giveVoucher: async () => err('no-relay')
  }
}

const createAloneRestore = (): RestorePort => ({
  look: async () => ({ kind: 'relay-not-reached' }),
  adopt: async () => err('relay-not-reached'),
  unfinished: createCell(null)
})

const createAloneErase = (forget: () => Promise<boolean>): ErasePort => ({
  thisDevice: async () => ((await forget()) ? ok(undefined) : err('blocked')),
  everywhere: async () => err('no-keys'),
  beginAnew: async () => err('no-keys'),
  receipts: async () => [],
  owed: async () => []
})

/** All of the network for a page that has none. */
export const createAlone = (why: 'no-relay' | 'insecure-context', forget: () => Promise<boolean>): Network => ({
  sync: createAloneSync(why),
  restore: createAloneRestore(),
  erase: createAloneErase(forget),
  urgent: () => undefined
})
