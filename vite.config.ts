import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { lingui } from '@lingui/vite-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { integrity, integrityOf } from './scripts/vite-integrity.ts'

let builtInto = ''

/** The oldest browsers that have what the app stands on (light-dark(), Ed25519 or its wrapped fallback, module workers). */
const browsers = ['chrome123', 'edge123', 'firefox128', 'safari17.5']

const light = (): string => {
  const svg = readFileSync(join(import.meta.dirname, 'public/icons/light.svg'), 'utf8')
  return `data:image/svg+xml,${encodeURIComponent(svg.replaceAll(/\n\s*/g, ''))}`
}

export default defineConfig({
  root: 'app',
  publicDir: '../public',
  build: {
    outDir: '../dist/app',
    emptyOutDir: true,
    target: browsers,
    cssTarget: browsers,
    // The content policy allows no data: script, font or style.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // One stylesheet: it is small, and a slow phone waits for each request more than for its bytes.
    cssCodeSplit: false,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } } }
  },
  worker: { format: 'es' },
  // The scan does not follow workers: what only they import was found at the first visit, which then loaded the page anew.
  optimizeDeps: { entries: ['index.html', 'vault-worker.ts'] },
  plugins: [
    react(),
    lingui({ failOnCompileError: true }),
    integrity(),
    {
      name: 'council:first-paint',
      apply: 'build',
      transformIndexHtml: {
        order: 'post',
        handler: (html) =>
          html
            // The light comes with the page itself: on a slow network it is there before anything else has been asked for.
            .replace('<img src="/icons/light.svg"', `<img src="${light()}"`)
            // Eighteen times the stylesheet's bytes, and drawn by it: the stylesheet goes first.
            .replace('<script type="module"', '<script type="module" fetchpriority="low"')
      }
    },
    {
      name: 'council:where',
      configResolved: ({ root, build }) => {
        builtInto ||= resolve(root, build.outDir)
      }
    },
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'pwa',
      filename: 'sw.ts',
      injectRegister: false,
      // The manifest is a file in public/, so that every server serves the same.
      manifest: false,
      injectManifest: {
        globPatterns: ['**/*.{html,js,css,woff2,svg,webmanifest,png}'],
        globIgnores: ['screenshots/**', 'sw.js'],
        manifestTransforms: [
          async (entries) => ({
            // The worker fetches with this digest: a file that does not match is an error, not a cached page.
            manifest: entries.map((entry) => ({
              ...entry,
              integrity: integrityOf(readFileSync(join(builtInto, entry.url)))
            })),
            warnings: []
          })
        ]
      }
    })
  ]
})
