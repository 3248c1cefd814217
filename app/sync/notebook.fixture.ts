import * as Y from 'yjs'
import type { Log } from '#app/log/log.ts'
import type { DocPath } from '#app/store/ports.ts'
import type { Random } from '#testing/random.ts'

export const KEYRING = 'keyring' as DocPath
export const JOURNAL = 'journal/2026/0' as DocPath

/** Records in a device's log, written as the store would write them. */
export interface Notebook {
  write(id: string, text: string, doc?: DocPath): Promise<void>
  remove(id: string, doc?: DocPath): Promise<void>
  read(doc?: DocPath): Promise<Record<string, string>>
}

export const createNotebook = (log: Log, draws: Random): Notebook => {
  const docs = new Map<DocPath, Y.Doc>()
  const newDoc = (): Y.Doc => {
    const doc = new Y.Doc()
    doc.clientID = draws.below(2 ** 32)
    return doc
  }
  const open = async (path: DocPath): Promise<Y.Doc> => {
    const loaded = await log.load(path)
    if (!loaded.ok) throw new Error(loaded.error.kind)
    const known = docs.get(path) ?? newDoc()
    docs.set(path, known)
    if (loaded.value.base) Y.applyUpdate(known, loaded.value.base)
    for (const row of loaded.value.rows) Y.applyUpdate(known, row.update)
    return known
  }
  const change = async (path: DocPath, edit: (map: Y.Map<string>) => void): Promise<void> => {
    const doc = await open(path)
    const updates: Uint8Array[] = []
    const hear = (update: Uint8Array): number => updates.push(update)
    doc.on('update', hear)
    doc.transact(() => edit(doc.getMap<string>('records')))
    doc.off('update', hear)
    for (const update of updates) {
      const kept = await log.appendLocal(path, update)
      if (!kept.ok) throw new Error(kept.error.kind)
    }
  }
  return {
    write: (id, text, path = JOURNAL) => change(path, (map) => map.set(id, text)),
    remove: (id, path = JOURNAL) => change(path, (map) => map.delete(id)),
    read: async (path = JOURNAL) => (await open(path)).getMap<string>('records').toJSON() as Record<string, string>
  }
}
