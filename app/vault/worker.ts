import { answerCalls, type CallPort } from './channel.ts'
import type { Vault } from './ports.ts'
import { createVaultVerbs } from './vault-verbs.ts'

/** The worker's side: answers the page's calls with this vault. app/vault-worker.ts composes it with the profile's database. */
export const serveVault = (port: CallPort, vault: Vault): void => answerCalls(port, createVaultVerbs(vault))
