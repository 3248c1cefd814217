import { decodeDeletes } from '#server/protocol/open/ranges.ts'
import type { Clock } from '#server/rooms/relay-ports.ts'
import { readUpdate } from '#server/rooms/yjs.ts'
import type { OpenCommitter } from './committer.ts'
import type { Carry } from './compaction.ts'

/** What lies behind a gap is committed once more, as if it had just come, by nobody. */
export const createCarry =
  (committer: OpenCommitter, clock: Clock): Carry =>
  (room, bytes) =>
    new Promise((resolve) => {
      const facts = readUpdate(bytes)
      const deleted = facts.ok && facts.value.deletes !== undefined ? decodeDeletes(facts.value.deletes) : undefined
      if (!facts.ok || deleted?.ok === false) {
        resolve(false)
        return
      }
      const { runs } = facts.value
      const at = clock.now()
      const update = { member: undefined, bytes, message: undefined, runs, deletes: deleted?.value, at, done: resolve }
      if (!committer.add(room, update)) resolve(false)
    })
