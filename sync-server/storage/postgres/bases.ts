import { err, ok, type Result } from '#core/result.ts'
import type { Base, OpenStoreFailure, RoomName, RoomRecord, StageId } from '#server/rooms/open-ports.ts'
import type { Connections } from './connections.ts'
import { codeOf } from './failure.ts'
import { anyMark } from './marks.ts'
import type { Schemas } from './schema.ts'

/** Bases are written and read in parts of this size, so that no request is large and appends get between. */
const PART_BYTES = 1_000_000

const GONE = '23503'

type Answer<Value> = Result<Value, OpenStoreFailure>

/** Names are UTF-8, compared byte for byte, whatever encoding the database has. */
export const nameOf = (room: RoomName): Uint8Array => Buffer.from(room)

/** Rejects with what Postgres said. */
export const createBases = (db: Connections, { store }: Schemas, roomBytes: number) => {
  const load = async (room: RoomName): Promise<Answer<RoomRecord>> => {
    const [row] = await db.query(
      `SELECT r.head, r.tail_rows, r.tail_bytes, b.upto, b.mark, b.size, b.state_vector, b.deletes
       FROM ${store}.room AS r LEFT JOIN ${store}.base AS b ON b.id = r.base WHERE r.name = $1`,
      [nameOf(room)]
    )
    if (row === undefined) return ok({ head: 0, base: undefined, tailBytes: 0, tailRows: 0 })
    const found = row as unknown as {
      readonly head: number
      readonly tail_rows: number
      readonly tail_bytes: number
      readonly upto: number | null
      readonly mark: number
      readonly size: number
      readonly state_vector: Uint8Array
      readonly deletes: Uint8Array
    }
    const { head, upto, mark, size, state_vector: stateVector, deletes } = found
    const base = upto === null ? undefined : { upto, mark, size, stateVector, deletes }
    return ok({ head, base, tailBytes: found.tail_bytes, tailRows: found.tail_rows })
  }

  const readPart = async (id: number, part: number): Promise<Uint8Array | undefined> => {
    const [row] = await db.query(`SELECT bytes FROM ${store}.base_part WHERE base = $1 AND part = $2`, [id, part])
    return row?.bytes as Uint8Array | undefined
  }

  /** Ids never come back: who reads a base part by part does not end in another one. */
  const read = async (room: RoomName, upto: number): Promise<Uint8Array | undefined> => {
    const [row] = await db.query(
      `SELECT b.id, b.size, p.bytes FROM ${store}.room AS r JOIN ${store}.base AS b ON b.id IN (r.base, r.staged)
         LEFT JOIN ${store}.base_part AS p ON p.base = b.id AND p.part = 0
       WHERE r.name = $1 AND b.upto = $2 AND b.is_whole`,
      [nameOf(room), upto]
    )
    if (row === undefined) return undefined
    const { id, size, bytes } = row as unknown as { id: number; size: number; bytes: Uint8Array | null }
    if (size === 0) return new Uint8Array()
    if (bytes === null || bytes.byteLength === size) return bytes ?? undefined
    const whole = new Uint8Array(size)
    whole.set(bytes)
    for (let at = bytes.byteLength, part = 1; at < size; part++) {
      const next = await readPart(id, part)
      if (next === undefined) return undefined
      whole.set(next, at)
      at += next.byteLength
    }
    return whole
  }

  const writeParts = async (id: number, bytes: Uint8Array): Promise<boolean> => {
    for (let part = 0; part * PART_BYTES < bytes.byteLength; part++) {
      const some = bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES)
      await db.query(`INSERT INTO ${store}.base_part (base, part, bytes) VALUES ($1, $2, $3)`, [id, part, some])
    }
    const [row] = await db.query(`SELECT ${store}.end_stage($1) AS is_staged`, [id])
    return row?.is_staged === true
  }

  const stage = async (room: RoomName, base: Base, known?: number): Promise<Answer<StageId>> => {
    const { upto, bytes, stateVector, deletes } = base
    const stageId = anyMark()
    const [row] = await db.query(`SELECT ${store}.begin_stage($1, $2, $3, $4, $5, $6, $7, $8) AS id`, [
      ...[nameOf(room), upto, bytes.byteLength, stateVector, deletes, roomBytes, known ?? null, stageId]
    ])
    const id = Number(row?.id)
    if (id <= 0) return err({ kind: id === 0 ? 'cas' : 'room-full' })
    try {
      return (await writeParts(id, bytes)) ? ok(stageId as StageId) : err({ kind: 'cas' })
    } catch (cause) {
      // Another base is being staged by now and this one's place was cleared.
      if (codeOf(cause) === GONE) return err({ kind: 'cas' })
      // What cannot be finished gives its room back.
      await db.query(`SELECT ${store}.drop_stage($1)`, [id]).catch(() => {})
      throw cause
    }
  }

  const adopt = async (room: RoomName, expected: number, of: StageId): Promise<boolean> => {
    const [row] = await db.query(`SELECT ${store}.adopt_stage($1, $2, $3) AS is_adopted`, [nameOf(room), expected, of])
    return row?.is_adopted === true
  }

  return { load, read, stage, adopt }
}
