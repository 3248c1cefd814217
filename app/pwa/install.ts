/** Chromium's event; other browsers install through their own menu. */
interface InstallEvent extends Event {
  prompt(): Promise<void>
  readonly userChoice: Promise<{ readonly outcome: 'accepted' | 'dismissed' }>
}

export interface Installer {
  get(): { readonly installable: boolean; readonly installed: boolean }
  subscribe(changed: () => void): () => void
  install(): Promise<boolean>
}

export const createInstaller = (page: Window): Installer => {
  let offer: InstallEvent | null = null
  let facts = { installable: false, installed: page.matchMedia('(display-mode: standalone)').matches }
  const listeners = new Set<() => void>()
  const set = (next: typeof facts): void => {
    facts = next
    for (const listener of listeners) listener()
  }
  page.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    offer = event as InstallEvent
    set({ ...facts, installable: true })
  })
  page.addEventListener('appinstalled', () => set({ installable: false, installed: true }))
  return {
    get: () => facts,
    subscribe: (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    install: async () => {
      const asked = offer
      if (asked === null) return false
      offer = null
      await asked.prompt()
      const { outcome } = await asked.userChoice
      set({ ...facts, installable: false })
      return outcome === 'accepted'
    }
  }
}
