import type { Store } from '#app/store/face.ts'
import type { BackupPort } from '#app/ui/ports.ts'
import type { Vault } from '#app/vault/ports.ts'
import { err, ok } from '#core/result.ts'

interface BackupParts {
  readonly store: Store
  readonly vault: () => Promise<Vault>
  /** Names the file's day. */
  readonly today: () => string
}

/** Everything this device holds as domain values: readable by a person, importable by a later version. */
const everything = ({ journal, patterns, favourites, settings }: Store): string =>
  JSON.stringify(
    {
      format: 'sacred-council/1',
      settings: settings.get(),
      patterns: patterns.get().filter(({ origin }) => origin === 'own'),
      favourites: [...favourites.get()],
      entries: journal
        .get()
        .years.flatMap((year) => (year.kind === 'open' ? year.days.flatMap(({ entries }) => entries) : []))
    },
    null,
    2
  )

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
  }
})
