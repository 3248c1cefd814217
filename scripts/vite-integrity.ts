import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

/** Subresource integrity of some bytes, as the attribute and the fetch option spell it. */
export const integrityOf = (bytes: string | Uint8Array): string =>
  `sha384-${createHash('sha384').update(bytes).digest('base64')}`

const helperId = '\0vite/preload-helper.js'
const placeholder = '__CHUNK_DIGESTS__'

const mustReplace = (code: string, what: string, by: string): string => {
  if (!code.includes(what))
    throw new Error(`vite-integrity: Vite's preload helper has changed, ${JSON.stringify(what)} is not in it`)
  return code.replace(what, by)
}

/** The helper sets a digest on each link it makes and waits for it: a chunk that does not match is an error and is not run. */
export const guardPreloadHelper = (code: string): string => {
  const guarded = mustReplace(
    code,
    'document.head.appendChild(link)',
    `const digest = ${placeholder}[dep.pathname.slice(1)];\nif (digest) link.integrity = digest;\ndocument.head.appendChild(link)`
  )
  return mustReplace(guarded, 'if (isCss) return new Promise', 'if (isCss || digest) return new Promise')
}

const hasIntegrity = /\sintegrity=/

/** Puts a digest on each script, stylesheet and module preload of a page that names a file of this build. */
export const guardPage = (html: string, digestOf: (file: string) => string | undefined): string =>
  html.replace(/<(?:script|link)\b[^>]*\b(?:src|href)="\/([^"]+)"[^>]*>/g, (tag, file: string) => {
    const isCode = tag.startsWith('<script') || /\brel="(?:stylesheet|modulepreload)"/.test(tag)
    const digest = digestOf(file)
    if (!isCode || digest === undefined || hasIntegrity.test(tag)) return tag
    return tag.replace(/^<(script|link)\b/, `<$1 integrity="${digest}"`)
  })

/**
 * Integrity for entry tags and for chunks that load later. The digests stand in the chunk that holds Vite's preload helper, which no digest of
 * another chunk depends on; the page's tags are guarded last. Workers cannot carry integrity: the precache checks their file.
 */
export const integrity = (): Plugin => ({
  name: 'council:integrity',
  apply: 'build',
  enforce: 'post',
  config: () => ({
    build: {
      modulePreload: {
        polyfill: false,
        // Vite leaves out a lazy chunk that needs no other: named here, it too goes through a link, and so through its digest.
        resolveDependencies: (file: string, deps: string[], { hostType }: { hostType: 'html' | 'js' }) =>
          hostType === 'js' ? [...new Set([file, ...deps])] : deps
      }
    }
  }),
  transform: {
    filter: { id: { include: /preload-helper/ } },
    handler: (code, id) => (id === helperId ? { code: guardPreloadHelper(code), map: null } : null)
  },
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      const digests = new Map<string, string>()
      const holders: string[] = []
      for (const [file, output] of Object.entries(bundle)) {
        if (output.type === 'chunk' && output.code.includes(placeholder)) holders.push(file)
        else if (/\.(?:js|css)$/.test(file))
          digests.set(file, integrityOf(output.type === 'chunk' ? output.code : output.source))
      }
      const lazy = JSON.stringify(Object.fromEntries([...digests].sort(([a], [b]) => (a < b ? -1 : 1))))
      for (const file of holders) {
        const output = bundle[file]
        if (output?.type !== 'chunk') continue
        output.code = output.code.replaceAll(placeholder, lazy)
        digests.set(file, integrityOf(output.code))
      }
      for (const [file, output] of Object.entries(bundle)) {
        if (output.type !== 'asset' || !file.endsWith('.html')) continue
        output.source = guardPage(String(output.source), (name) => digests.get(name))
      }
    }
  }
})
