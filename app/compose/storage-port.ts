import type { StoragePort } from '#app/ui/ports.ts'

/** What the browser promises about this origin's storage; absent over plain http. */
export const createStoragePort = (storage: StorageManager | undefined): StoragePort => ({
  persist: async () => (await storage?.persist?.()) ?? false,
  facts: async () => {
    const [persisted, estimate] = await Promise.all([storage?.persisted?.(), storage?.estimate?.()])
    return { persisted: persisted ?? false, usedBytes: estimate?.usage ?? null, quotaBytes: estimate?.quota ?? null }
  }
})
