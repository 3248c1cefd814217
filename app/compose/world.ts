import { createInstaller } from '#app/pwa/install.ts'
import { createScriptPolicy } from '#app/pwa/script-policy.ts'
import { createUpdates } from '#app/pwa/updates.ts'
import { browserDevices } from '#app/senses/browser.ts'
import { createSenses } from '#app/senses/senses.ts'
import { createStore } from '#app/store/store.ts'
import { isMoving } from '#app/ui/breathe/beat.ts'
import { createSitting } from '#app/ui/breathe/sitting.ts'
import type { World } from '#app/ui/world.ts'
import type { Vault } from '#app/vault/ports.ts'
import { civilDay, yearOf } from '#core/time.ts'
import { createAlone } from './alone.ts'
import { createAppPort } from './app-port.ts'
import { createBackupPort } from './backup.ts'
import { createCheckpoints } from './checkpoints.ts'
import { createDeferredNetwork } from './deferred-network.ts'
import { openDisk } from './disk.ts'
import { createFieldPort } from './field.ts'
import { startFolding } from './folding.ts'
import { guardLeaving } from './guard-leaving.ts'
import { createHostPort } from './host-port.ts'
import { createKeepPort } from './keep-port.ts'
import {
  after,
  breather,
  type Curtain,
  createCurtain,
  createPageClock,
  moment,
  mono,
  newRecordId,
  randomId,
  whenIdle
} from './page.ts'
import { createPhrasePort } from './phrase.ts'
import { createStoragePort } from './storage-port.ts'

/** A write that failed for want of space is tried again by itself. */
const RETRY_WRITE_MS = 15_000

/**
 * The documents were replaced by none: every tab drops what it has in memory by loading anew. The tab that asked stays where the
 * receipt, or the journal that took over, is shown.
 */
const forgetInAllTabs = (profile: string, letGo: () => void): (() => void) => {
  if (!('BroadcastChannel' in globalThis))
    return () => {
      letGo()
      location.reload()
    }
  const channel = new BroadcastChannel(`council-${profile}/forgotten`)
  channel.onmessage = () => {
    letGo()
    location.replace('/')
  }
  return () => {
    letGo()
    channel.postMessage('forgotten')
    if (location.pathname === '/settings/erase') location.reload()
    else location.replace('/journal')
  }
}

export interface Opened {
  readonly world: World
  /** Raised once the first screen is there: what it did not need begins then. */
  readonly curtain: Curtain
}

/** Joins the rooms for one profile of this browser. */
export const createWorld = async (profile: string): Promise<Opened> => {
  const scriptUrl = createScriptPolicy(window)
  const curtain = createCurtain(() => isMoving(sitting.get()))
  const now = createPageClock()
  const disk = await openDisk({
    profile,
    secure: isSecureContext,
    after,
    onOpened: () => void store.retry(),
    // Erased from another tab: nothing of the journal may stay on a screen.
    onParting: (parting) => {
      if (parting !== 'erased') return
      guard.letGo()
      location.replace('/')
    }
  })
  const store = createStore({
    log: disk.log,
    shelf: disk.log,
    randomId,
    currentYear: yearOf(civilDay(moment())),
    idle: curtain.later,
    breather,
    retryLater: (run) => void after(RETRY_WRITE_MS, run)
  })
  const unsaved = (): boolean => store.status.get().unsaved > 0
  const guard = guardLeaving({ page: window, status: store.status })
  // A phone puts a page away without asking anybody: one more try before that.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && unsaved()) void store.retry()
  })

  const devices = browserDevices(profile)
  const senses = createSenses({ ...devices, settings: store.settings.get, now, after })
  store.settings.subscribe(senses.refresh)
  const sitting = createSitting({
    store,
    clock: { now, mono, moment },
    newId: newRecordId,
    checkpoints: createCheckpoints(disk.log, devices.practiceLock),
    after,
    senses
  })

  let started: Promise<Vault> | undefined
  const vault = (): Promise<Vault> => {
    started ??= import('./vault.ts').then(({ startVault }) => startVault(profile, scriptUrl))
    return started
  }

  const destroy = async (): Promise<boolean> => {
    const gone = await disk.destroy()
    if (gone) guard.letGo()
    return gone
  }
  const forgotten = forgetInAllTabs(profile, guard.letGo)
  const alone = disk.state.get().kind === 'cannot-keep'
  const network = alone
    ? createAlone(isSecureContext ? 'no-relay' : 'insecure-context', destroy)
    : createDeferredNetwork(async () => {
        await store.usable
        await curtain.soon()
        const { startNetwork } = await import('./network.ts')
        return startNetwork({ profile, log: disk.log, store, vault, deleteDatabase: destroy, forgotten })
      })
  sitting.kept.subscribe(network.urgent)

  void store.settled.then(() =>
    startFolding({
      log: disk.log,
      paths: store.paths.get,
      busy: () => isMoving(sitting.get()),
      after,
      report: (problem) => console.warn(problem)
    })
  )

  const storage = createStoragePort(navigator.storage)
  // Asked once there is something to lose; the answer is shown in the settings.
  const stopAsking = sitting.kept.subscribe(() => {
    stopAsking()
    void storage.persist()
  })

  const updates = createUpdates({
    container: navigator.serviceWorker,
    scriptUrl: scriptUrl('/sw.js'),
    whenNobodyPractises: async () => {
      await navigator.locks.request(`council/${profile}/practice`, () => undefined)
    },
    reloadWhenIdle: () =>
      whenIdle(
        () => isMoving(sitting.get()) || unsaved(),
        () => location.reload()
      ),
    onShown: (run) =>
      document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && run())
  })

  const world: World = {
    store,
    sitting,
    keep: createKeepPort({ disk, store }),
    sync: network.sync,
    phrase: createPhrasePort(vault),
    restore: network.restore,
    erase: network.erase,
    backup: createBackupPort({ store, vault, today: () => civilDay(moment()) }),
    host: createHostPort({ page: location.origin, fetch: (url, how) => fetch(url, how) }),
    field: createFieldPort({
      profile,
      shelf: disk.log,
      store,
      sitting,
      sync: network.sync,
      page: location.origin
    }),
    storage,
    senses,
    app: createAppPort(updates, createInstaller(window)),
    clock: { moment, mono },
    newId: newRecordId
  }
  return { world, curtain }
}
