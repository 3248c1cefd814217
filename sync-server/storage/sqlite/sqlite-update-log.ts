import { randomInt } from 'node:crypto'
import { err, ok, type Result } from '#core/result.ts'
import type {
  AppendedRow,
  Base,
  NewUpdate,
  OpenStoreFailure,
  RoomName,
  RoomRecord,
  StageId,
  UpdateLog
} from '#server/rooms/open-ports.ts'
import type { StoreThread } from './store-thread.ts'
import { outcomeFailure, PART_BYTES, packBatch, unpackRows } from './update-batch.ts'

type Answer<Value> = Result<Value, OpenStoreFailure>

const CAS = err({ kind: 'cas' } as const)

const MOST_MARK = 2 ** 48 - 1

/** A thread that died answers like a disk that failed: nothing was kept, and nothing reads as empty. */
const asAnswer = (cause: unknown): { readonly ok: false; readonly error: OpenStoreFailure } =>
  err({ kind: 'store', reason: cause instanceof Error ? cause.message : String(cause) })

/** The thread answers others between two questions. */
const LOADS_AT_ONCE = 64

/** Rooms that are entered within one turn of the event loop are asked for together: waking the thread costs more than reading a room's head. */
const createLoading = (thread: StoreThread, mark: number): UpdateLog['load'] => {
  type Waiting = { readonly room: RoomName; resolve(answer: Answer<RoomRecord>): void }
  let waiting: Waiting[] = []

  const ask = async (asked: readonly Waiting[]): Promise<void> => {
    const answers = await thread
      .call('loadRooms', [asked.map(({ room }) => room)])
      .catch((cause: unknown) => asked.map(() => asAnswer(cause)))
    for (const [index, { resolve }] of asked.entries()) {
      const answer = answers[index] ?? asAnswer('the store gave no answer')
      const base = answer.ok ? answer.value.base : undefined
      resolve(answer.ok ? ok({ ...answer.value, base: base && { ...base, mark } }) : answer)
    }
  }
  const askAll = (): void => {
    const all = waiting
    waiting = []
    for (let from = 0; from < all.length; from += LOADS_AT_ONCE) void ask(all.slice(from, from + LOADS_AT_ONCE))
  }
  return (room) =>
    new Promise((resolve) => {
      if (waiting.push({ room, resolve }) === 1) setImmediate(askAll)
    })
}

/** Open rooms' side of the store's thread. */
export const createSqliteUpdateLog = (thread: StoreThread): UpdateLog => {
  const guard = async <Value>(answer: Promise<Answer<Value>>): Promise<Answer<Value>> => {
    try {
      return await answer
    } catch (cause) {
      return asAnswer(cause)
    }
  }

  // A file has one relay, and is put back while that is stopped: within a process no history follows another, and one mark tells it.
  const mark = randomInt(1, MOST_MARK)
  const markAt = (seq: number): number => (seq === 0 ? 0 : mark)

  const load = createLoading(thread, mark)

  const append = async (batch: readonly NewUpdate[]): Promise<readonly Answer<AppendedRow>[]> => {
    const packed = packBatch(batch)
    try {
      const { seqs, reason } = await thread.call('appendRows', [packed], [packed.buffer])
      return seqs.map((seq) =>
        seq > 0 ? ok({ seq, mark, before: markAt(seq - 1) }) : err(outcomeFailure(seq, reason))
      )
    } catch (cause) {
      return batch.map(() => asAnswer(cause))
    }
  }

  /** Part by part, so that commits get between and no thread copies the whole at once. */
  const writeParts = async (room: RoomName, id: number, bytes: Uint8Array): Promise<Answer<void>> => {
    for (let part = 0; part * PART_BYTES < bytes.byteLength; part++) {
      const slice = new Uint8Array(bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES))
      const added = await thread.call('addPart', [room, id, part, slice], [slice.buffer])
      if (!added.ok) return added
      if (!added.value) return CAS
    }
    const whole = await thread.call('endStage', [room, id])
    if (!whole.ok) return whole
    return whole.value ? ok(undefined) : CAS
  }

  const stage = async (room: RoomName, { bytes, ...head }: Base): Promise<Answer<StageId>> => {
    const begun = await thread.call('beginStage', [room, { ...head, size: bytes.byteLength }])
    if (!begun.ok) return begun
    if ('kind' in begun.value) return err(begun.value)
    const written = await writeParts(room, begun.value.id, bytes)
    // What cannot be finished gives its room back.
    if (!written.ok) await thread.call('dropStage', [room, begun.value.id])
    return written.ok ? ok((mark + begun.value.id) as StageId) : written
  }

  const adopt = async (room: RoomName, expected: number, staged: StageId): Promise<Answer<void>> => {
    const adopted = await thread.call('adoptBase', [room, expected, staged - mark])
    if (!adopted.ok) return adopted
    return adopted.value ? ok(undefined) : CAS
  }

  return {
    load,
    async heads(names) {
      const heads = await guard(thread.call('headsOf', [names]))
      return heads.ok ? ok(heads.value.map((seq) => ({ seq, mark: markAt(seq) }))) : heads
    },
    append,
    async readAfter(room, after, limit, known) {
      if (known !== undefined && known !== markAt(after)) return err({ kind: 'fork' })
      const read = await guard(thread.call('readRows', [room, after, limit]))
      return read.ok ? ok(unpackRows(read.value, mark)) : read
    },
    readBase: (room, upto) => guard(thread.call('readBase', [room, upto])),
    stage: (room, base, known) =>
      known === undefined || known === markAt(base.upto) ? guard(stage(room, base)) : Promise.resolve(CAS),
    adopt: (room, expected, staged) => guard(adopt(room, expected, staged))
  }
}
