import * as Y from 'yjs'
import type { DocLog, DocPath, SyncLog } from '#app/store/ports.ts'

/** Everything one profile ever had durable on its own disk, document by document: what coming back must bring back. */
export interface Held {
  readonly docs: ReadonlyMap<DocPath, Y.Doc>
  /** Only what was written on this device. */
  readonly own: ReadonlyMap<DocPath, Y.Doc>
  /** Rises with each own edit kept. */
  version(): number
  wrote(path: DocPath, update: Uint8Array): void
  watch<Log extends DocLog & SyncLog>(log: Log): Log
  forgetAll(): void
  /** A power cut took back what was not durable; what the device wrote itself was. */
  isNow(docs: ReadonlyMap<DocPath, Y.Doc>): void
  copy(): Held
}

const add = (docs: Map<DocPath, Y.Doc>, path: DocPath, update: Uint8Array): void => {
  const doc = docs.get(path) ?? new Y.Doc()
  docs.set(path, doc)
  Y.applyUpdate(doc, update)
}

const copyOf = (docs: ReadonlyMap<DocPath, Y.Doc>): Map<DocPath, Y.Doc> => {
  const out = new Map<DocPath, Y.Doc>()
  for (const [path, doc] of docs) add(out, path, Y.encodeStateAsUpdate(doc))
  return out
}

const createHeldFrom = (docs: Map<DocPath, Y.Doc>, own: Map<DocPath, Y.Doc>): Held => {
  let version = 0
  return {
    docs,
    own,
    version: () => version,
    wrote: (path, update) => {
      version++
      add(docs, path, update)
      add(own, path, update)
    },
    watch: (log) => ({
      ...log,
      receive: async (doc, relay, received) => {
        const result = await log.receive(doc, relay, received)
        if (result.ok) for (const update of received.updates) add(docs, doc, update)
        return result
      }
    }),
    isNow: (left) => {
      docs.clear()
      for (const [path, doc] of left) add(docs, path, Y.encodeStateAsUpdate(doc))
      for (const [path, doc] of own) add(docs, path, Y.encodeStateAsUpdate(doc))
    },
    forgetAll: () => {
      version++
      docs.clear()
      own.clear()
    },
    copy: () => createHeldFrom(copyOf(docs), copyOf(own))
  }
}

export const createHeld = (): Held => createHeldFrom(new Map(), new Map())
