import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as Y from 'yjs'
import { contentOf } from '#testing/open-world/edits.ts'
import { type RelayProcess, startRelayProcess, temporaryFolder } from '#testing/wire/relay-process.ts'
import { createStockClient, type Generation, type StockClient } from './stock-client.ts'

/** A relay process with stock clients, which may be killed and started again on the port it had. */
export interface Scene extends AsyncDisposable {
  readonly relay: () => RelayProcess
  client(generation: Generation, room: string, options?: { doc?: Y.Doc; token?: string }): StockClient
  kill(): Promise<void>
  /** SIGTERM. @returns the exit code. */
  stop(): Promise<number | null>
  start(): Promise<void>
}

export const openScene = async (env: Readonly<Record<string, string>> = {}): Promise<Scene> => {
  const folder = await temporaryFolder()
  const databasePath = join(folder.path, 'council.db')
  let relay = await startRelayProcess({ databasePath, env })
  const { port } = new URL(relay.origin)
  const clients: StockClient[] = []
  return {
    relay: () => relay,
    client(generation, room, options = {}) {
      const client = createStockClient(generation, relay.origin, room, options)
      clients.push(client)
      return client
    },
    kill: () => relay.kill(),
    stop: () => relay.stop(),
    async start() {
      relay = await startRelayProcess({ databasePath, env: { ...env, PORT: port } })
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client[Symbol.dispose]()
      await relay.kill()
      await folder[Symbol.asyncDispose]()
    }
  }
}

const deletionsOf = (doc: Y.Doc): unknown =>
  [...Y.createDeleteSetFromStructStore(doc.store).clients]
    .sort(([a], [b]) => a - b)
    .map(([client, list]) => [client, list.map(({ clock, len }) => [clock, len])])

const clocksOf = (doc: Y.Doc): unknown => Y.decodeStateVector(Y.encodeStateVector(doc))

/** @returns in which of content, state vector and deletions they differ. */
export const difference = (a: Y.Doc, b: Y.Doc): 'clocks' | 'deletions' | 'content' | undefined => {
  if (!isDeepStrictEqual(clocksOf(a), clocksOf(b))) return 'clocks'
  if (!isDeepStrictEqual(deletionsOf(a), deletionsOf(b))) return 'deletions'
  return isDeepStrictEqual(contentOf(a), contentOf(b)) ? undefined : 'content'
}

export const sameDocument = (a: Y.Doc, b: Y.Doc): boolean => difference(a, b) === undefined
