import { err, ok, type Result } from '#core/result.ts'
import type {
  AppendedRow,
  NewUpdate,
  OpenStoreFailure,
  RoomName,
  UpdateLog,
  UpdateRow
} from '#server/rooms/open-ports.ts'
import { createBases, nameOf } from './bases.ts'
import type { Connections } from './connections.ts'
import { asStoreFailure, isOfContent } from './failure.ts'
import { createGroupCommit } from './group-commit.ts'
import { anyMark, markBefore } from './marks.ts'
import { arrayOfHex, packBytes, wholeOf } from './packing.ts'
import type { Schemas } from './schema.ts'
import type { Sweeper } from './sweeper.ts'

type Answer<Value> = Result<Value, OpenStoreFailure>

/** As read_rows (sql-marks.ts) says it. */
const FORKED = -1

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

  /** @returns as append_updates (sql-marks.ts) answers */
  const ask = async (batch: readonly NewUpdate[], step: number): Promise<readonly number[]> => {
    const [first] = batch
    if (first !== undefined && batch.length === 1) {
      const values = [first.bytes, nameOf(first.room), roomBytes, step]
      const [row] = await lane.query(`SELECT ${store}.append_update($1, $2, $3, $4)`, values)
      return row?.[0] as readonly number[]
    }
    const { bytes, ats, sizes } = packBytes(batch.map((each) => each.bytes))
    const names = arrayOfHex(batch.map(({ room }) => Buffer.from(room).toString('hex')))
    const [row] = await lane.query(`SELECT ${store}.append_updates($1, $2, $3, $4, $5, $6)`, [
      ...[bytes, ats, sizes, names, roomBytes, step]
    ])
    return row?.[0] as readonly number[]
  }

  const commit = async (batch: readonly NewUpdate[]): Promise<readonly Answer<AppendedRow>[]> => {
    try {
      const step = anyMark()
      const numbers = await ask(batch, step)
      return batch.map((_, index) => {
        const [seq = -1, mark = 0] = [numbers[index], numbers[batch.length + index]]
        return seq > 0 ? ok({ seq, mark, before: markBefore(mark, step) }) : err({ kind: 'room-full' })
      })
    } catch (cause) {
      // No room for all may be room for some: one large update must not take its neighbours down.
      if (batch.length > 1 && isOfContent(cause)) {
        const half = batch.length >> 1
        return [...(await commit(batch.slice(0, half))), ...(await commit(batch.slice(half)))]
      }
      return batch.map(() => err(asStoreFailure(cause)))
    }
  }

  const appends = createGroupCommit<NewUpdate, Answer<AppendedRow>>({
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
    readAfter: (room, after, limit, known) =>
      guard(room, async () => {
        const values = [nameOf(room), after, wholeOf(limit), known ?? null]
        const rows = await db.query(`SELECT * FROM ${store}.read_rows($1, $2, $3, $4)`, values)
        if (rows[0]?.o_seq === FORKED) return err({ kind: 'fork' })
        return ok(rows.map(({ o_seq, o_mark, o_bytes }) => ({ seq: o_seq, mark: o_mark, bytes: o_bytes }) as UpdateRow))
      }),
    async heads(rooms) {
      try {
        await appends.allSettled(rooms)
        const rows = await db.query(
          `SELECT coalesce(r.head, 0) AS seq, coalesce(r.mark, 0) AS mark FROM unnest($1::bytea[]) WITH ORDINALITY AS q (name, n)
           LEFT JOIN ${store}.room AS r ON r.name = q.name ORDER BY q.n`,
          [arrayOfHex(rooms.map((room) => Buffer.from(room).toString('hex')))]
        )
        return ok(rows.map(({ seq, mark }) => ({ seq: Number(seq), mark: Number(mark) })))
      } catch (cause) {
        return err(asStoreFailure(cause))
      }
    },
    readBase: (room, upto) => guard(room, async () => ok(await bases.read(room, upto))),
    stage: (room, base, known) => guard(room, () => bases.stage(room, base, known)),
    adopt: (room, expected, stage) =>
      guard(room, async () => {
        const isAdopted = await bases.adopt(room, expected, stage)
        if (isAdopted) sweeper.wake()
        return isAdopted ? ok(undefined) : err({ kind: 'cas' })
      })
  }
}
