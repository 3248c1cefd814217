import { createLog } from '#app/log/indexeddb.ts'
import { createVault } from '#app/vault/create-vault.ts'
import { serveVault } from '#app/vault/worker.ts'

/** Composition of the vault's worker: keys stay here, off the page's thread. Its name carries the profile. */
const profile = self.name
const log = createLog({
  name: `council-${profile}`,
  // The page opens the database first and notices an eviction. A database that is missing here was thrown away: this thread makes none.
  marker: { isSet: () => true, set: () => {}, clear: () => {} }
})

const vault = createVault({
  shelf: log,
  crypto,
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  // Two tabs have two workers; one phrase is made.
  exclusively: (run) => navigator.locks.request(`council/${profile}/vault`, run)
})

serveVault(self as unknown as Worker, vault)
