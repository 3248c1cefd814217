import { backupToText } from '#app/domain/journal/backup.ts'
import type { Store } from '#app/store/face.ts'
import type { BackupPort } from '#app/ui/ports.ts'
import type { Vault } from '#app/vault/ports.ts'
import { err, ok } from '#core/result.ts'
import { entriesHere, readBack } from './read-back.ts'

interface BackupParts {
  readonly store: Store
  readonly vault: () => Promise<Vault>
  /** Names the file's day. */
  readonly today: () => string
}

/** Everything this device holds as domain values: readable by a person, importable by a later version. */
const everything = (store: Store): string =>
  backupToText({
    settings: store.settings.get(),
    patterns: store.patterns.get(),
    favourites: [...store.favourites.get()],
    entries: entriesHere(store)
  })

export const createBackupPort = ({ store, vault, today }: BackupParts): BackupPort => ({
  exportFile: async (form) => {
    const opened = await store.openAll()
    if (!opened.ok) return err('unavailable')
    const text = everything(store)
    const name = `sacred-council-${today()}`
    if (form === 'json') return ok({ name: `${name}.json`, data: new Blob([text], { type: 'application/json' }) })
    const keyholder = await (await vault()).create()
    if (!keyholder.ok) return err('no-keys')
    const sealed = await keyholder.value.sealFile(new TextEncoder().encode(text))
    return ok({
      name: `${name}.sealed`,
      data: new Blob([sealed as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' })
    })
  },
  readFile: (file, ways) => readBack({ store, vault }, file, ways)
})
