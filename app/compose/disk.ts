import type { Parting } from '#app/log/database.ts'
import { createLog, type DeviceLog } from '#app/log/indexeddb.ts'
import type { Log } from '#app/log/log.ts'
import { createMemoryLog } from '#app/log/memory.ts'
import type { LogFailure } from '#app/store/ports.ts'
import { createCell, type Readable } from '#app/ui/parts/live.ts'
import type { KeepState } from '#app/ui/ports.ts'

/** Where this profile keeps things on this device, and how that stands. */
export interface Disk {
  readonly log: Log
  readonly state: Readable<KeepState>
  /** After an eviction that the person knows of. */
  beginAgain(): Promise<void>
  /** Deletes the database. False when another tab holds it. */
  destroy(): Promise<boolean>
}

/** A tab that is asked to close its database does so at once: a second is more than a living tab needs. */
const LOOK_AGAIN_MS = 1_000

const stateOf = (failure: LogFailure): KeepState => {
  switch (failure.kind) {
    case 'quota':
      return { kind: 'quota' }
    case 'blocked':
      return { kind: 'blocked-by-other-tab' }
    case 'newer':
    case 'closed':
      return { kind: 'newer-store' }
    case 'evicted':
      return { kind: 'evicted' }
    case 'io':
      return { kind: 'cannot-keep', why: 'no-storage' }
  }
}

/** A mark outside the database, so that an eviction is not mistaken for a first visit. Storage may be forbidden altogether. */
const createMarker = (name: string) => {
  const guarded = <T>(run: () => T, otherwise: T): T => {
    try {
      return run()
    } catch {
      return otherwise
    }
  }
  return {
    isSet: () => guarded(() => localStorage.getItem(name) !== null, false),
    set: () => guarded(() => localStorage.setItem(name, '1'), undefined),
    clear: () => guarded(() => localStorage.removeItem(name), undefined)
  }
}

/** For pages that may keep nothing: the app breathes, and all of it is gone with the page. */
const createPassingDisk = (why: 'insecure-context' | 'no-storage'): Disk => ({
  log: createMemoryLog(),
  state: createCell<KeepState>({ kind: 'cannot-keep', why }),
  beginAgain: async () => undefined,
  destroy: async () => true
})

interface DiskParts {
  readonly profile: string
  readonly secure: boolean
  readonly after: (ms: number, run: () => void) => () => void
  /** The database was opened after all: read it now. */
  readonly onOpened: () => void
  /** This tab's connection was taken from it. */
  readonly onParting: (parting: Parting) => void
}

export const openDisk = async ({ profile, secure, after, onOpened, onParting }: DiskParts): Promise<Disk> => {
  if (!secure) return createPassingDisk('insecure-context')
  if (!('indexedDB' in globalThis)) return createPassingDisk('no-storage')
  const state = createCell<KeepState>({ kind: 'opening' })
  const log: DeviceLog = createLog({
    name: `council-${profile}`,
    marker: createMarker(`council-${profile}-kept`),
    onParting: (parting) => {
      if (parting === 'upgrade') state.set({ kind: 'newer-store' })
      onParting(parting)
    }
  })
  const first = await log.open()
  if (!first.ok && first.error.kind === 'io') return createPassingDisk('no-storage')
  state.set(first.ok ? { kind: 'ready' } : stateOf(first.error))
  const lookAgain = async (): Promise<void> => {
    const opened = await log.open()
    state.set(opened.ok ? { kind: 'ready' } : stateOf(opened.error))
    if (opened.ok) onOpened()
    else if (opened.error.kind === 'blocked') after(LOOK_AGAIN_MS, () => void lookAgain())
  }
  if (!first.ok && first.error.kind === 'blocked') after(LOOK_AGAIN_MS, () => void lookAgain())
  return {
    log,
    state,
    beginAgain: async () => {
      const begun = await log.beginAgain()
      state.set(begun.ok ? { kind: 'ready' } : stateOf(begun.error))
      if (begun.ok) onOpened()
    },
    destroy: async () => (await log.destroy()).ok
  }
}
