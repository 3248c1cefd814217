import { err, ok, type Result } from '#core/result.ts'
import type { NewUpdate, OpenStoreFailure, RoomName, UpdateLog, UpdateRow } from '#server/rooms/open-ports.ts'
import { createBases, nameOf } from './bases.ts'
import type { Connections } from './connections.ts'
import { asStoreFailure, isOfContent } from './failure.ts'
import { createGroupCommit } from './group-commit.ts'
import { arrayOfHex, packBytes, wholeOf } from './packing.ts'
import type { Schemas } from './schema.ts'
import type { Sweeper } from './sweeper.ts'

type Answer<Value> = Result<Value, OpenStoreFailure>

export interface UpdateLogParts {
  readonly db: Connections
  readonly schemas: Schemas
  readonly sweeper: Sweeper
  /** Bytes a room may hold, base and rows together. */
  readonly roomBytes: number
}

export const createPostgresUpdateLog = ({ db, schemas, sweeper, roomBytes }: UpdateLogParts): UpdateLog => {
  const { store } = schemas
  const lane = db.lane()
  const bases = createBases(db, schemas, roomBytes)

  const ask = async (batch: readonly NewUpdate[]): Promise<readonly number[]> => {
    const [first] = batch
    if (first !== undefined && batch.length === 1) {
      const values = [first.bytes, nameOf(first.room), roomBytes]
      const [row] = await lane.query(`SELECT ${store}.append_update($1, $2, $3)`, values)
      return [Number(row?.[0])]
    }
    const { bytes, ats, sizes } = packBytes(batch.map((each) => each.bytes))
    const names = arrayOfHex(batch.map(({ room }) => Buffer.from(room).toString('hex')))
    const [row] = await lane.query(`SELECT ${store}.append_updates($1, $2, $3, $4, $5)`, [
      ...[bytes, ats, sizes, names, roomBytes]
    ])
    return row?.[0] as readonly number[]
  }

  const commit = async (batch: readonly NewUpdate[]): Promise<readonly Answer<number>[]> => {
    try {
      const seqs = await ask(batch)
      return seqs.map((seq) => (seq > 0 ? ok(seq) : err({ kind: 'room-full' })))
    } catch (cause) {
      // No room for all may be room for some: one large update must not take its neighbours down.
      if (batch.length > 1 && isOfContent(cause)) {
        const half = batch.length >> 1
        return [...(await commit(batch.slice(0, half))), ...(await commit(batch.slice(half)))]
      }
      return batch.map(() => err(asStoreFailure(cause)))
    }
  }

  const appends = createGroupCommit<NewUpdate, Answer<number>>({
    commit,
    keyOf: ({ room }) => room,
    sizeOf: ({ bytes }) => bytes.byteLength
  })

  /** After the appends of the room that were asked for before. */
  const guard = async <Value>(room: RoomName, run: () => Promise<Answer<Value>>): Promise<Answer<Value>> => {
    try {
      await appends.settled(room)
      return await run()
    } catch (cause) {
      return err(asStoreFailure(cause))
    }
  }

  return {
    load: (room) => guard(room, () => bases.load(room)),
    append: (batch) =>
      // Theirs again when this returns: they may be part of a buffer that is used anew.
      appends.add(batch.map(({ room, bytes }) => ({ room, bytes: Uint8Array.from(bytes) }))),
    readAfter: (room, after, limit) =>
      guard(room, async () => {
        const values = [nameOf(room), after, wholeOf(limit)]
        const rows = await db.query(`SELECT * FROM ${store}.read_rows($1, $2, $3)`, values)
        return ok(rows.map(({ o_seq, o_bytes }) => ({ seq: o_seq, bytes: o_bytes }) as UpdateRow))
      }),
    async heads(rooms) {
      try {
        await appends.allSettled(rooms)
        const rows = await db.query(
          `SELECT coalesce(r.head, 0) AS head FROM unnest($1::bytea[]) WITH ORDINALITY AS q (name, n)
           LEFT JOIN ${store}.room AS r ON r.name = q.name ORDER BY q.n`,
          [arrayOfHex(rooms.map((room) => Buffer.from(room).toString('hex')))]
        )
        return ok(rows.map(({ head }) => Number(head)))
      } catch (cause) {
        return err(asStoreFailure(cause))
      }
    },
    readBase: (room, upto) => guard(room, async () => ok(await bases.read(room, upto))),
    stage: (room, base) => guard(room, () => bases.stage(room, base)),
    adopt: (room, expected, upto) =>
      guard(room, async () => {
        const isAdopted = await bases.adopt(room, expected, upto)
        if (isAdopted) sweeper.wake()
        return isAdopted ? ok(undefined) : err({ kind: 'cas' })
      })
  }
}
