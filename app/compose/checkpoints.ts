import type { Checkpoint } from '#app/domain/practice/checkpoint.ts'
import type { PracticeLock } from '#app/senses/ports.ts'
import type { Shelf } from '#app/store/ports.ts'

const KEY = 'practice/checkpoint'

/** The running practice on the profile's shelf. One that another tab breathes right now is not ours to resume. */
export const createCheckpoints = (shelf: Shelf, lock: PracticeLock) => ({
  load: async (): Promise<unknown> => {
    if (await lock.heldElsewhere()) return null
    const kept = await shelf.get(KEY)
    return kept.ok ? kept.value : null
  },
  // A failed write costs a resume after a crash, never the breath: it is not told.
  keep: async (checkpoint: Checkpoint | null): Promise<void> => {
    await (checkpoint === null ? shelf.delete(KEY) : shelf.put(KEY, checkpoint))
  }
})
