import type Database from 'better-sqlite3'
import { err, ok, type Result } from '#core/result.ts'
import { BASE_FRONT_BYTES, type OpenStoreFailure } from '#server/rooms/open-ports.ts'
import { asStoreFailure } from './failure.ts'
import { createUpdateStore, type LoadedBase, type UpdateStore } from './update-store.ts'

/** What the store's thread does for open rooms beyond one synchronous answer: long work in short turns. */

/** Others' requests are answered between two turns. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** What was deleted stays in the write-ahead log until that is emptied, which costs two syncs: once for many. */
const EMPTY_LOG_EVERY_MS = 1_000

/** Parts read and copied are garbage outside V8's heap, which weighs little there: a large base would stand in memory twice. */
const LET_GO_PARTS = 4

/**
 * @param letGo collects young garbage
 * @returns undefined where the base was replaced meanwhile.
 */
export const readWholeBase = async (
  store: UpdateStore,
  name: Uint8Array,
  upto: number,
  letGo: () => void = () => {}
): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const place = store.findBase(name, upto)
  if (place === undefined) return undefined
  const whole = new Uint8Array(BASE_FRONT_BYTES + place.size).subarray(BASE_FRONT_BYTES)
  for (let at = 0, part = 0; at < place.size; part++) {
    if (part > 0) await nextTurn()
    const bytes = store.readPart(place.id, part)
    if (bytes === undefined) return undefined
    whole.set(bytes, at)
    at += bytes.byteLength
    if (part % LET_GO_PARTS === LET_GO_PARTS - 1) letGo()
  }
  return whole
}

export interface Sweeper {
  /** There may be something to delete. */
  wake(): void
  /** Resolves when nothing that was replaced is in any of the files. */
  idle(): Promise<void>
  stop(): void
}

export const createSweeper = (db: Database.Database, store: UpdateStore): Sweeper => {
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const emptyLog = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (!stopped) db.pragma('wal_checkpoint(TRUNCATE)')
  }
  // A full or failing disk: what was replaced waits for the next adoption, or the next start.
  const tryEmptyLog = (): void => {
    try {
      emptyLog()
    } catch {}
  }

  const run = async (): Promise<void> => {
    try {
      for (await nextTurn(); !stopped && store.sweep(); await nextTurn());
      timer ??= setTimeout(tryEmptyLog, EMPTY_LOG_EVERY_MS).unref()
    } catch {
      // As above.
    }
    running = undefined
  }

  return {
    wake() {
      running ??= run()
    },
    async idle() {
      await running
      emptyLog()
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    }
  }
}

const attempt = <Value>(run: () => Value): Result<Value, OpenStoreFailure> => {
  try {
    return ok(run())
  } catch (cause) {
    return err(asStoreFailure(cause))
  }
}

/** What the relay's thread may ask for open rooms. A string is a room's name. */
export const createRoomCalls = (db: Database.Database, roomBytes: number, letGo: () => void = () => {}) => {
  const store = createUpdateStore(db, roomBytes)
  const sweeper = createSweeper(db, store)
  sweeper.wake()
  return {
    calls: {
      loadRooms: (names: readonly string[]) => names.map((name) => attempt(() => store.load(Buffer.from(name)))),
      headsOf: (names: readonly string[]) => attempt(() => names.map((name) => store.head(Buffer.from(name)))),
      appendRows: (packed: Uint8Array<ArrayBuffer>) => store.append(packed),
      readRows: (name: string, after: number, limit: number) =>
        attempt(() => store.readRows(Buffer.from(name), after, limit)),
      async readBase(name: string, upto: number) {
        try {
          return ok(await readWholeBase(store, Buffer.from(name), upto, letGo))
        } catch (cause) {
          return err(asStoreFailure(cause))
        }
      },
      beginStage: (name: string, head: LoadedBase) =>
        attempt(() => store.beginStage({ ...head, name: Buffer.from(name) })),
      addPart: (name: string, id: number, part: number, bytes: Uint8Array) =>
        attempt(() => store.addPart(Buffer.from(name), id, part, bytes)),
      endStage: (name: string, id: number) => attempt(() => store.endStage(Buffer.from(name), id)),
      dropStage: (name: string, id: number) => attempt(() => store.dropStage(Buffer.from(name), id)),
      adoptBase(name: string, expected: number, id: number) {
        const adopted = attempt(() => store.adopt(Buffer.from(name), expected, id))
        sweeper.wake()
        return adopted
      },
      sweepIdle: () => sweeper.idle()
    },
    stop: sweeper.stop
  }
}

export type RoomCalls = ReturnType<typeof createRoomCalls>['calls']
