import { expect } from 'vitest'
import type { Base, OpenStoreFailure, RoomName, StageId, UpdateLog } from './open-ports.ts'

/** A store's disk: opened several times, one after the other. */
export interface UpdateLogPlace {
  /** Quota of each room in bytes. */
  open(roomBytes?: number): Promise<UpdateLog & { close(): Promise<void> }>
  /** Makes the disk full for the log that is open, and gives the room back. */
  fill(): Promise<() => Promise<void>>
  /** Copies what is durable. @returns puts the copy back, while no log is open */
  copy(): Promise<() => Promise<void>>
  [Symbol.asyncDispose](): Promise<void>
}

export const named = (name: string): RoomName => name as RoomName
export const a = named('a')
export const b = named('b')

export const bytes = (text: string, size = text.length): Uint8Array => {
  const encoded = new TextEncoder().encode(text)
  const out = new Uint8Array(Math.max(size, encoded.byteLength))
  out.set(encoded)
  return out
}

type Answer<Value> = { ok: true; value: Value } | { ok: false; error: OpenStoreFailure }

export const value = <Value>(result: Answer<Value> | undefined): Value => {
  if (result?.ok !== true) throw new Error(`refused: ${result?.error.kind}`)
  return result.value
}
export const outcome = (result: Answer<unknown> | undefined): string =>
  result === undefined ? 'no answer' : result.ok ? 'accepted' : result.error.kind

export const baseTo = (upto: number, body = bytes(`base to ${upto}`)): Base => ({
  upto,
  stateVector: bytes(`state vector at ${upto}`),
  deletes: bytes(`deletes at ${upto}`),
  bytes: body
})
export const headOf = ({ bytes: body, ...head }: Base) => ({ ...head, size: body.byteLength, mark: expect.any(Number) })

/** No staging is of this id. */
export const NO_STAGE = 1_000_000 as StageId

export const appendTo = async (log: UpdateLog, room: RoomName, ...texts: readonly string[]): Promise<number[]> =>
  (await log.append(texts.map((text) => ({ room, bytes: bytes(text) })))).map((each) => value(each).seq)

export const rowsOf = async (log: UpdateLog, room: RoomName, after = 0, limit = 1e9): Promise<[number, string][]> =>
  value(await log.readAfter(room, after, limit)).map((row) => [row.seq, new TextDecoder().decode(row.bytes)])

export const replace = async (log: UpdateLog, room: RoomName, expected: number, base: Base): Promise<void> => {
  value(await log.adopt(room, expected, value(await log.stage(room, base))))
}

export const EMPTY = { head: 0, base: undefined, tailBytes: 0, tailRows: 0 }

export type Place = () => Promise<UpdateLogPlace>

export const withLog = async (
  place: Place,
  run: (log: UpdateLog, at: UpdateLogPlace) => Promise<void>,
  roomBytes?: number
): Promise<void> => {
  await using at = await place()
  const log = await at.open(roomBytes)
  try {
    await run(log, at)
  } finally {
    await log.close()
  }
}
