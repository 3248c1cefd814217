import type { Sync } from '#app/sync/create-sync.ts'
import type { ErasePort, RestorePort, SyncFacts, SyncPort } from '#app/sync/status.ts'
import { createCell, type Readable } from '#app/ui/parts/live.ts'

export interface Network {
  readonly sync: SyncPort
  readonly restore: RestorePort
  readonly erase: ErasePort
  /** Something was finished: nothing waits for its timer. */
  urgent(): void
}

/** Until the network is here nothing is said to be anywhere but on this device. */
const NOT_YET: SyncFacts = {
  status: { kind: 'off', why: 'nothing-kept-yet' },
  relay: null,
  relays: [],
  live: null,
  lastAck: null,
  spokenByAnotherTab: false,
  otherDevices: null,
  notices: []
}

/** Shows a value that comes later; until then, `first`. */
const createFollower = <T>(first: T) => {
  const cell = createCell(first)
  const follow = (source: Readable<T>): void => {
    cell.set(source.get())
    source.subscribe(() => cell.set(source.get()))
  }
  return { get: cell.get, subscribe: cell.subscribe, follow }
}

/** The network's ports before its chunk has loaded: verbs wait for it, facts follow it. */
export const createDeferredNetwork = (load: () => Promise<Sync>): Network => {
  let loaded: Promise<Sync> | undefined
  const facts = createFollower<SyncFacts>(NOT_YET)
  const unfinished = createFollower<ReturnType<RestorePort['unfinished']['get']>>(null)
  const network = (): Promise<Sync> => {
    loaded ??= load().then(
      (sync) => {
        facts.follow(sync.sync)
        unfinished.follow(sync.restore.unfinished)
        return sync
      },
      (fault: unknown) => {
        // The network was away when its chunk was asked for: asked again by whatever needs it next.
        loaded = undefined
        throw fault
      }
    )
    return loaded
  }
  const wake = (): void => void network().catch((fault: unknown) => console.warn('network: not loaded', fault))
  wake()
  return {
    sync: {
      get: facts.get,
      subscribe: facts.subscribe,
      retry: () => void network().then(({ sync }) => sync.retry()),
      addRelay: async (address) => (await network()).sync.addRelay(address),
      removeRelay: async (relay) => (await network()).sync.removeRelay(relay),
      giveVoucher: async (word, relay) => (await network()).sync.giveVoucher(word, relay)
    },
    restore: {
      look: async (words, relay) => (await network()).restore.look(words, relay),
      adopt: async (words, relay, local, onStep) => (await network()).restore.adopt(words, relay, local, onStep),
      unfinished
    },
    erase: {
      thisDevice: async () => (await network()).erase.thisDevice(),
      everywhere: async () => (await network()).erase.everywhere(),
      beginAnew: async () => (await network()).erase.beginAnew(),
      receipts: async () => (await network()).erase.receipts(),
      owed: async () => (await network()).erase.owed()
    },
    urgent: () => void network().then((sync) => sync.urgent())
  }
}
