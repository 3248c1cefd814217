import { addPlugins, cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { createIntegrityPlugin } from './integrity-plugin.ts'
import { type Digest, isWorkerMessage } from './worker-messages.ts'

interface Entry {
  readonly url: string
  readonly revision: string | null
  readonly integrity: string
}

const worker = self as unknown as ServiceWorkerGlobalScope
const entries = (self as unknown as { readonly __WB_MANIFEST: Entry[] }).__WB_MANIFEST

/** Served by the relay itself: never the app's page. `/field` is both: who navigates there wants the page, who fetches it the JSON. */
const relayPaths = [/^\/sealed/, /^\/y\//, /^\/healthz/, /^\/readyz/, /^\/metrics/, /^\/about\.json/]

addPlugins([createIntegrityPlugin(entries, worker.location.origin)])
precacheAndRoute(entries)
cleanupOutdatedCaches()
// Every place of the app is a path: deep links open offline.
registerRoute(new NavigationRoute(createHandlerBoundToURL('index.html'), { denylist: relayPaths }))

worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()))

worker.addEventListener('message', (event) => {
  const message: unknown = event.data
  if (!isWorkerMessage(message)) return
  // Only when the page asks: a waiting version never takes over by itself.
  if (message.kind === 'take-over') event.waitUntil(worker.skipWaiting())
  else event.ports[0]?.postMessage(entries.map(({ url, integrity }): Digest => ({ file: url, digest: integrity })))
})
