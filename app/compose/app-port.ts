import type { Installer } from '#app/pwa/install.ts'
import type { Updates } from '#app/pwa/updates.ts'
import { createCell } from '#app/ui/parts/live.ts'
import type { AppFacts, AppPort } from '#app/ui/ports.ts'

/** The app's own installation as one value for the screens. */
export const createAppPort = (updates: Updates, installer: Installer): AppPort => {
  const join = (): AppFacts => ({ ...updates.get(), ...installer.get() })
  const facts = createCell(join())
  updates.subscribe(() => facts.set(join()))
  installer.subscribe(() => facts.set(join()))
  return {
    get: facts.get,
    subscribe: facts.subscribe,
    applyUpdate: updates.apply,
    install: installer.install,
    digests: updates.digests
  }
}
