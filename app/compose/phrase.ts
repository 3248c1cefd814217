import type { PhrasePort } from '#app/ui/ports.ts'
import type { Vault } from '#app/vault/ports.ts'
import { err, ok } from '#core/result.ts'

/** The words of this device. Asked for before anything was kept, they are made: the phrase is never empty-handed. */
export const createPhrasePort = (vault: () => Promise<Vault>): PhrasePort => ({
  show: async () => {
    const keys = await vault()
    const made = await keys.create()
    const words = made.ok ? await keys.phrase() : made
    if (words.ok) return ok(words.value)
    return err(words.error.kind === 'insecure-context' ? 'locked' : 'no-keys')
  },
  parse: async (text) => (await vault()).parse(text)
})
