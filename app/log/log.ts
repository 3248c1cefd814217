import type { DocLog, Shelf, SyncLog } from '#app/store/ports.ts'
import { createDocLog } from './doc-log.ts'
import type { Engine } from './engine.ts'
import { createShelf } from './shelf.ts'
import { createSyncLog } from './sync-log.ts'

/** Everything one profile keeps on one device: the store's half, sync's half and the shelf, over one database. */
export type Log = DocLog & SyncLog & Shelf

export const createLogOver = (engine: Engine): Log => ({
  ...createDocLog(engine),
  ...createSyncLog(engine),
  ...createShelf(engine)
})
