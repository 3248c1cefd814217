import * as Y from 'yjs'
import { createStockClient, GENERATIONS, type StockClient } from '#testing/interop/stock-client.ts'
import type { Random } from '#testing/random.ts'

/** One open room with stock clients at several fronts, who write, and note what they were shown and when. */
export interface OpenRoom {
  readonly name: string
  readonly clients: readonly StockClient[]
  /** Longest from an edit's making until another client held it. */
  readonly longest: { arrivalMs: number }
  areSynced(): boolean
  /** One edit by one of them. */
  edit(): void
  /** All of them vanish at once and never come back. */
  vanish(): void
  /** What any of them had been shown of others by then: marks, and clocks by Yjs client. */
  shown(): { readonly marks: ReadonlySet<string>; readonly clocks: ReadonlyMap<number, number> }
}

/** @param authors how many of them write; the others look on. */
export const openRoom = (
  name: string,
  origins: readonly string[],
  random: Random,
  authors = origins.length
): OpenRoom => {
  const longest = { arrivalMs: 0 }
  const marksShown = new Set<string>()
  const clocksShown = new Map<number, number>()
  let edits = 0
  const watch = (client: StockClient): void => {
    client.doc.getMap<number>('marks').observe((event, transaction) => {
      if (transaction.local) return
      for (const mark of event.keysChanged) {
        marksShown.add(mark)
        const ms = performance.now() - (event.target.get(mark) ?? 0)
        longest.arrivalMs = Math.max(longest.arrivalMs, ms)
      }
    })
  }
  const clients = origins.map((origin, i) =>
    createStockClient(GENERATIONS[i % GENERATIONS.length] ?? '3.1', origin, name)
  )
  for (const client of clients) watch(client)
  return {
    name,
    clients,
    longest,
    areSynced: () => clients.every(({ provider }) => provider.wsconnected && provider.synced),
    edit() {
      const { doc } = random.pick(clients.slice(0, authors))
      doc.transact(() => {
        const text = doc.getText('text')
        if (text.length > 300 && random.chance(0.4)) text.delete(random.below(text.length - 8), random.between(1, 8))
        else text.insert(random.between(0, text.length), `${random.below(1_000)} `)
        doc.getMap<number>('marks').set(`${edits++}`, performance.now())
      })
    },
    vanish() {
      for (const client of clients) {
        const own = client.doc.clientID
        for (const [id, clock] of Y.decodeStateVector(Y.encodeStateVector(client.doc)))
          if (id !== own) clocksShown.set(id, Math.max(clock, clocksShown.get(id) ?? 0))
        client[Symbol.dispose]()
      }
    },
    shown: () => ({ marks: marksShown, clocks: clocksShown })
  }
}
