import type Database from 'better-sqlite3'

/** The statements of open rooms, prepared once, and the shapes of their rows. */

export interface RoomRow {
  readonly id: number
  /** Id of the current base, 0 = none. */
  readonly base: number
}

export interface BaseRow {
  readonly id: number
  readonly upto: number
  readonly size: number
  readonly state_vector: Uint8Array
  readonly deletes: Uint8Array
}

export interface TailRow {
  readonly head: number | null
  readonly rows: number
  readonly bytes: number
}

export interface StagingRow {
  readonly base: number
  readonly whole: number
  readonly upto: number
  readonly size: number
}

/** What was replaced and waits to be deleted, bit by bit: a base (0 = none), and a room's rows up to a seq. */
export interface TrashRow {
  readonly id: number
  readonly base: number
  readonly room: number
  readonly upto: number
}

type Bytes = Uint8Array

export const createUpdateRows = (db: Database.Database) => {
  const room = db.prepare<[Bytes], RoomRow>('SELECT id, base FROM room WHERE name = ?')
  const addRoom = db.prepare<[Bytes]>('INSERT INTO room (name) VALUES (?)')
  const setBase = db.prepare<[number, number]>('UPDATE room SET base = ? WHERE id = ?')
  const base = db.prepare<[number], BaseRow>('SELECT id, upto, size, state_vector, deletes FROM base WHERE id = ?')
  const addBase = db.prepare<[number, number, number, Bytes, Bytes]>(
    'INSERT INTO base (room, upto, size, state_vector, deletes) VALUES (?, ?, ?, ?, ?)'
  )
  const dropBase = db.prepare<[number]>('DELETE FROM base WHERE id = ?')
  const part = db.prepare<[number, number], { bytes: Bytes }>('SELECT bytes FROM base_part WHERE base = ? AND part = ?')
  const addPart = db.prepare<[number, number, Bytes]>('INSERT INTO base_part (base, part, bytes) VALUES (?, ?, ?)')
  const dropPart = db.prepare<[number, number]>(
    'DELETE FROM base_part WHERE base = ? AND part = (SELECT max(part) FROM base_part WHERE base = ?)'
  )
  const tail = db.prepare<[number, number], TailRow>(
    `SELECT max(seq) AS head, count(*) AS rows, coalesce(sum(length(bytes)), 0) AS bytes
     FROM update_row WHERE room = ? AND seq > ?`
  )
  const between = db.prepare<[number, number, number], { rows: number; bytes: number }>(
    `SELECT count(*) AS rows, coalesce(sum(length(bytes)), 0) AS bytes
     FROM update_row WHERE room = ? AND seq > ? AND seq <= ?`
  )
  const addRow = db.prepare<[number, number, Bytes]>('INSERT INTO update_row (room, seq, bytes) VALUES (?, ?, ?)')
  const rowsAfter = db.prepare<[number, number], { seq: number; bytes: Bytes }>(
    'SELECT seq, bytes FROM update_row WHERE room = ? AND seq > ? ORDER BY seq'
  )
  const sizesUpTo = db.prepare<[number, number, number], { seq: number; size: number }>(
    'SELECT seq, length(bytes) AS size FROM update_row WHERE room = ? AND seq <= ? ORDER BY seq LIMIT ?'
  )
  const dropRows = db.prepare<[number, number]>('DELETE FROM update_row WHERE room = ? AND seq <= ?')
  const staging = db.prepare<[number], StagingRow>(
    'SELECT base, whole, upto, size FROM staging JOIN base ON base.id = staging.base WHERE staging.room = ?'
  )
  const setStaging = db.prepare<[number, number]>('INSERT INTO staging (room, base) VALUES (?, ?)')
  const finishStaging = db.prepare<[number, number]>('UPDATE staging SET whole = 1 WHERE room = ? AND base = ?')
  const dropStaging = db.prepare<[number]>('DELETE FROM staging WHERE room = ?')
  const abandonStagings = [
    db.prepare('INSERT INTO trash (base, room, upto) SELECT base, 0, 0 FROM staging'),
    db.prepare('DELETE FROM staging')
  ]
  const trash = db.prepare<[], TrashRow>('SELECT id, base, room, upto FROM trash ORDER BY id LIMIT 1')
  const addTrash = db.prepare<[number, number, number]>('INSERT INTO trash (base, room, upto) VALUES (?, ?, ?)')
  const dropTrash = db.prepare<[number]>('DELETE FROM trash WHERE id = ?')

  return {
    room: (name: Bytes) => room.get(name),
    addRoom: (name: Bytes) => Number(addRoom.run(name).lastInsertRowid),
    setBase: (id: number, to: number) => setBase.run(to, id),
    base: (id: number) => base.get(id),
    addBase: (of: number, upto: number, size: number, stateVector: Bytes, deletes: Bytes) =>
      Number(addBase.run(of, upto, size, stateVector, deletes).lastInsertRowid),
    dropBase: (id: number) => dropBase.run(id),
    part: (id: number, index: number) => part.get(id, index)?.bytes,
    addPart: (id: number, index: number, bytes: Bytes) => addPart.run(id, index, bytes),
    /** @returns whether there was one. */
    dropPart: (id: number) => dropPart.run(id, id).changes > 0,
    tail: (of: number, after: number) => tail.get(of, after) ?? { head: null, rows: 0, bytes: 0 },
    between: (of: number, after: number, upto: number) => between.get(of, after, upto) ?? { rows: 0, bytes: 0 },
    addRow,
    rowsAfter: (of: number, after: number) => rowsAfter.iterate(of, after),
    sizesUpTo: (of: number, upto: number, limit: number) => sizesUpTo.all(of, upto, limit),
    dropRows: (of: number, upto: number) => dropRows.run(of, upto),
    staging: (of: number) => staging.get(of),
    setStaging: (of: number, to: number) => setStaging.run(of, to),
    finishStaging: (of: number, id: number) => finishStaging.run(of, id),
    dropStaging: (of: number) => dropStaging.run(of),
    abandonStagings(): void {
      for (const statement of abandonStagings) statement.run()
    },
    trash: () => trash.get(),
    addTrash: (id: number, of: number, upto: number) => addTrash.run(id, of, upto),
    dropTrash: (id: number) => dropTrash.run(id)
  }
}

export type UpdateRows = ReturnType<typeof createUpdateRows>
