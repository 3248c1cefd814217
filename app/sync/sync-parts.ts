import type { DocBytes, DocLog, DocPath, Shelf, SyncLog } from '#app/store/ports.ts'
import type { Vault } from '#app/vault/ports.ts'
import type { Sha256 } from '#core/chain.ts'
import type { Clock, Random, SetTimer, Socket, SocketEvents } from './ports.ts'
import type { Observable } from './status.ts'
import type { TabChannel } from './tabs.ts'

/** What the composition root hands to createSync. */
export interface SyncParts {
  readonly log: SyncLog & DocLog & Shelf
  /** Started when it is first needed: a page that only breathes loads no keys. */
  readonly vault: () => Promise<Vault>
  readonly docBytes: DocBytes
  readonly sha256: Sha256
  /** Paths by the keyring and the journal: the store's `paths`. */
  readonly documents: Observable<readonly DocPath[]>
  /** Addresses of the chosen relays, separated by spaces: '' = the one that served the page, 'none' = nothing leaves this device. */
  readonly relaySetting: Observable<string> & {
    set(addresses: string): Promise<void>
    /** Addresses of relays that were chosen once, and may hold the journal still. */
    former?(): readonly string[]
  }
  /** Hosts that the page's policy has kept from being dialled. */
  readonly refusedByPage?: Observable<readonly string[]>
  /** Whether the page's policy lets this be dialled. */
  readonly allows?: (url: string) => Promise<boolean>
  /** location.origin. */
  readonly page: string
  /** @param url ws(s)://host/sealed */
  readonly dial: (url: string, on: SocketEvents) => Socket
  readonly clock: Clock
  readonly random: Random
  readonly setTimer: SetTimer
  /** Which tab talks (app/log/leader.ts). */
  readonly leadership: { state(): 'waiting' | 'leading' | 'closed'; subscribe(changed: () => void): () => void }
  /** Between the tabs of this profile; undefined where the page has none. */
  readonly channel: TabChannel | undefined
  /** Deletes the profile's database and caches. False when another tab holds it. */
  readonly deleteDatabase: () => Promise<boolean>
  /** The documents here were replaced by none: whoever has them in memory drops them (the page is loaded anew). */
  readonly forgotten: () => void
  readonly report: (problem: string) => void
}
