import { WebSocket } from 'ws'
import { WebsocketProvider as Generation3 } from 'y-websocket'
import { WebsocketProvider as Generation1 } from 'y-websocket-1'
import { WebsocketProvider as Generation2 } from 'y-websocket-2'
import * as Y from 'yjs'

/** The stock providers as programs use them: three generations, none of them changed. */

export const GENERATIONS = ['1.5', '2.1', '3.1'] as const
export type Generation = (typeof GENERATIONS)[number]

/** What the three have in common. */
export interface Provider {
  readonly awareness: {
    getStates(): Map<number, unknown>
    setLocalState(state: Record<string, unknown> | null): void
  }
  readonly synced: boolean
  readonly wsconnected: boolean
  readonly shouldConnect: boolean
  connect(): void
  disconnect(): void
  destroy(): void
  // biome-ignore lint/suspicious/noExplicitAny: each generation types its events in its own way
  on(event: any, heard: (...given: any[]) => void): void
}

export interface StockClient {
  readonly generation: Generation
  readonly doc: Y.Doc
  readonly provider: Provider
  /** Updates made here, in order. */
  readonly made: readonly Uint8Array[]
  /** Sockets dialled, and bytes of messages heard on all of them. */
  readonly traffic: { dials: number; bytesIn: number; closes: number[] }
  write(text: string): void
  text(): string
  [Symbol.dispose](): void
}

const CLASSES = { '1.5': Generation1, '2.1': Generation2, '3.1': Generation3 } as const

export const createStockClient = (
  generation: Generation,
  origin: string,
  room: string,
  options: { readonly doc?: Y.Doc; readonly token?: string } = {}
): StockClient => {
  const { doc = new Y.Doc(), token } = options
  const traffic = { dials: 0, bytesIn: 0, closes: [] as number[] }
  class Counted extends WebSocket {
    constructor(url: string | URL) {
      super(url)
      traffic.dials++
      this.on('message', (data: Buffer | ArrayBuffer) => {
        traffic.bytesIn += data.byteLength
      })
      this.on('close', (code) => traffic.closes.push(code))
    }
  }
  const made: Uint8Array[] = []
  const provider = new CLASSES[generation](`${origin.replace('http', 'ws')}/y`, room, doc, {
    WebSocketPolyfill: Counted as never,
    disableBc: true,
    ...(token === undefined ? {} : { params: { token } })
  }) as unknown as Provider
  // y-protocols takes no notice of a presence whose clock is still 0, as that of a new document is.
  provider.awareness.setLocalState({ generation })
  doc.on('update', (update: Uint8Array, from: unknown) => {
    if (from !== provider) made.push(update)
  })
  return {
    generation,
    doc,
    provider,
    made,
    traffic,
    write: (text) => doc.getText('text').insert(doc.getText('text').length, text),
    text: () => doc.getText('text').toString(),
    [Symbol.dispose]() {
      provider.destroy()
      doc.destroy()
    }
  }
}

/** Waits for something to become so; fails with what it was when it did not. */
export const eventually = async (
  holds: () => boolean,
  what: () => unknown = () => holds.toString(),
  withinMs = 30_000
): Promise<void> => {
  const deadline = Date.now() + withinMs
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`never: ${String(what())}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** A plain Yjs merge of what all of them made. */
export const plainMerge = (clients: readonly StockClient[]): Y.Doc => {
  const doc = new Y.Doc()
  for (const { made } of clients) for (const update of made) Y.applyUpdate(doc, update)
  return doc
}
