import { createContext, use } from 'react'
import type { RecordId } from '#app/domain/practice/record.ts'
import type { Senses } from '#app/senses/ports.ts'
import type { Store } from '#app/store/face.ts'
import type { ErasePort, RestorePort, SyncPort } from '#app/sync/status.ts'
import type { Moment } from '#core/time.ts'
import type { Sitting } from './breathe/sitting.ts'
import type { AppPort, BackupPort, FieldPort, HostPort, KeepPort, PhrasePort, StoragePort } from './ports.ts'

/** Everything the screens reach through. Made once by app/main.tsx. */
export interface World {
  readonly store: Store
  readonly sitting: Sitting
  readonly keep: KeepPort
  readonly sync: SyncPort
  readonly phrase: PhrasePort
  readonly restore: RestorePort
  readonly erase: ErasePort
  readonly backup: BackupPort
  readonly host: HostPort
  readonly field: FieldPort
  readonly storage: StoragePort
  readonly senses: Pick<Senses, 'available' | 'tryBell'>
  readonly app: AppPort
  readonly clock: {
    /** Where and when we are, for what is written down. */
    moment(): Moment
    /** Milliseconds on the page's timeline, as performance.now. */
    mono(): number
  }
  newId(): RecordId
}

export const WorldContext = createContext<World | null>(null)

export const useWorld = (): World => {
  const world = use(WorldContext)
  if (world === null) throw new Error('no world above this component')
  return world
}
