import { parseRelayAddress } from '#app/sync/address.ts'
import type { HostPort } from '#app/ui/ports.ts'

interface HostParts {
  /** The page's own origin. */
  readonly page: string
  readonly fetch: (url: string, how: RequestInit) => Promise<Response>
}

/** Longer than any address; whatever a relay sends, the screen stays a screen. */
const MAX_CONTACT = 300

const contactIn = (told: unknown): string | null => {
  const { contact } = (typeof told === 'object' && told !== null ? told : {}) as { readonly contact?: unknown }
  return typeof contact === 'string' && contact.trim() !== '' ? contact.trim().slice(0, MAX_CONTACT) : null
}

/** Asks the relay itself who runs it. An older relay, a stranger's server, no network: nothing is told. */
export const createHostPort = ({ page, fetch }: HostParts): HostPort => ({
  contact: async (relay) => {
    const address = parseRelayAddress(relay, page)
    if (!address.ok) return null
    const about = new URL('/about.json', address.value.url.replace(/^ws/, 'http'))
    try {
      const answer = await fetch(about.href, { credentials: 'omit', redirect: 'error' })
      return answer.ok ? contactIn(await answer.json()) : null
    } catch {
      return null
    }
  }
})
