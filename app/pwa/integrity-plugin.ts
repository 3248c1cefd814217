import type { WorkboxPlugin } from 'workbox-core/types.js'

const base64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)))

/** `sha384-...` of some bytes. */
export const integrityOf = async (bytes: ArrayBuffer): Promise<string> =>
  `sha384-${base64(await crypto.subtle.digest('SHA-384', bytes))}`

/**
 * A cached file that is not what the build listed counts as missing: it is fetched again (with its digest), not run. Caches can be
 * changed by anything that ever ran on this origin.
 */
export const createIntegrityPlugin = (
  entries: readonly { readonly url: string; readonly integrity: string }[],
  origin: string
): WorkboxPlugin => {
  const expected = new Map(entries.map(({ url, integrity }) => [new URL(url, origin).pathname, integrity]))
  return {
    cachedResponseWillBeUsed: async ({ cachedResponse, request }) => {
      const wanted = expected.get(new URL(request.url).pathname)
      if (cachedResponse === undefined || wanted === undefined) return cachedResponse
      const found = await integrityOf(await cachedResponse.clone().arrayBuffer())
      return found === wanted ? cachedResponse : undefined
    }
  }
}
