import type { Digest, WorkerMessage } from './worker-messages.ts'

export interface Installation {
  readonly whole: boolean
  readonly updateReady: boolean
}

export interface Updates {
  get(): Installation
  subscribe(changed: () => void): () => void
  /** Lets the waiting version take over in every tab, as soon as no tab of this browser is in a practice. */
  apply(): void
  digests(): Promise<readonly Digest[]>
}

export interface UpdateParts {
  /** Missing over plain http on a name that is not localhost. */
  readonly container: ServiceWorkerContainer | undefined
  readonly scriptUrl: string
  /** Resolves once no tab practises. */
  readonly whenNobodyPractises: () => Promise<void>
  /** Reloads this tab as soon as it would not take anything from the person. */
  readonly reloadWhenIdle: () => void
  /** Calls back when the page comes to the front. */
  readonly onShown: (run: () => void) => void
}

/** The browser asks for a new version at most this often while the app stays open. */
const LOOK_EVERY_MS = 60 * 60_000

export const createUpdates = ({
  container,
  scriptUrl,
  whenNobodyPractises,
  reloadWhenIdle,
  onShown
}: UpdateParts): Updates => {
  let facts: Installation = { whole: false, updateReady: false }
  let registration: ServiceWorkerRegistration | undefined
  const listeners = new Set<() => void>()
  const look = (): void => {
    const next = {
      whole: Boolean(registration?.active),
      updateReady: Boolean(registration?.waiting && registration.active)
    }
    if (next.whole === facts.whole && next.updateReady === facts.updateReady) return
    facts = next
    for (const listener of listeners) listener()
  }
  const watch = (installing: ServiceWorker | null): void => installing?.addEventListener('statechange', look)

  const register = async (worker: ServiceWorkerContainer): Promise<void> => {
    // The first worker claims this page: that is no update. Every later change of controller is one, in all tabs.
    let controlled = worker.controller !== null
    worker.addEventListener('controllerchange', () => {
      if (controlled) reloadWhenIdle()
      controlled = true
      look()
    })
    registration = await worker.register(scriptUrl, { scope: '/', updateViaCache: 'none' })
    watch(registration.installing)
    watch(registration.waiting)
    registration.addEventListener('updatefound', () => watch(registration?.installing ?? null))
    look()
    let looked = performance.now()
    onShown(() => {
      if (performance.now() - looked < LOOK_EVERY_MS) return
      looked = performance.now()
      // Offline is no news.
      void registration?.update().catch(() => undefined)
    })
  }
  // Without a worker (private windows, a broken certificate) the app goes on: it only does not open offline.
  // The development server has none to hand out.
  if (container !== undefined && !import.meta.env.DEV)
    void register(container).catch((fault: unknown) => console.warn('pwa: not registered', fault))

  return {
    get: () => facts,
    subscribe: (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    apply: () => {
      const takeOver: WorkerMessage = { kind: 'take-over' }
      void whenNobodyPractises().then(() => registration?.waiting?.postMessage(takeOver))
    },
    digests: async () => {
      const active = registration?.active
      if (!active) return []
      const { port1, port2 } = new MessageChannel()
      const question: WorkerMessage = { kind: 'digests' }
      return new Promise((resolve) => {
        port1.onmessage = (event: MessageEvent<readonly Digest[]>) => resolve(event.data)
        active.postMessage(question, [port2])
      })
    }
  }
}
