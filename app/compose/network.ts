import { sha256 } from '@noble/hashes/sha2.js'
import { createLeadership } from '#app/log/leader.ts'
import type { Log } from '#app/log/log.ts'
import { docBytes } from '#app/store/bytes.ts'
import type { Store } from '#app/store/face.ts'
import { createSync, type Sync } from '#app/sync/create-sync.ts'
import type { TabChannel } from '#app/sync/tabs.ts'
import { createWebSocketDial, type WebSocketLike } from '#app/sync/websocket.ts'
import type { Vault } from '#app/vault/ports.ts'
import { SEALED_SUBPROTOCOLS } from '#core/close-codes.ts'
import { after, mono } from './page.ts'
import { watchPagePolicy } from './page-policy.ts'
import { relaySettingOf } from './relay-setting.ts'

export interface NetworkParts {
  readonly profile: string
  readonly log: Log
  readonly store: Store
  readonly vault: () => Promise<Vault>
  readonly deleteDatabase: () => Promise<boolean>
  readonly forgotten: () => void
}

/** What the app does with a relay. A chunk of its own: nobody waits for it to breathe. */
export const startNetwork = (parts: NetworkParts): Sync => {
  const { profile, log, store } = parts
  const policy = watchPagePolicy()
  const sync = createSync({
    log,
    vault: parts.vault,
    docBytes,
    sha256,
    documents: store.paths,
    relaySetting: relaySettingOf(store, location.origin),
    refusedByPage: policy.refused,
    allows: (url) => policy.allows(url, SEALED_SUBPROTOCOLS),
    page: location.origin,
    dial: createWebSocketDial((url, protocols) => new WebSocket(url, [...protocols]) as unknown as WebSocketLike),
    clock: { now: Date.now, mono },
    random: Math.random,
    setTimer: after,
    leadership: createLeadership({
      name: `council/${profile}/leader`,
      locks: navigator.locks,
      channel: new BroadcastChannel(`council-${profile}/leader`),
      clock: { mono, setTimer: after },
      visible: () => document.visibilityState === 'visible'
    }),
    channel: new BroadcastChannel(`council-${profile}/network`) as TabChannel,
    deleteDatabase: parts.deleteDatabase,
    forgotten: parts.forgotten,
    report: (problem) => console.warn(problem)
  })
  addEventListener('online', sync.sync.retry)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') sync.urgent()
  })
  return sync
}
