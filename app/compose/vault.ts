import type { Vault } from '#app/vault/ports.ts'
import { createRemoteVault } from '#app/vault/remote-vault.ts'
import workerUrl from '#app/vault-worker.ts?worker&url'

/** The profile's keys, behind a worker. @param scriptUrl makes an address one that the page may run (Trusted Types) */
export const startVault = (profile: string, scriptUrl: (address: string) => string): Vault =>
  createRemoteVault(new Worker(scriptUrl(workerUrl), { type: 'module', name: profile }))
