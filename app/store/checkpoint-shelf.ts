import type { Checkpoint } from '#app/domain/practice/checkpoint.ts'
import type { Shelf } from './ports.ts'

const SHELF_KEY = 'practice/checkpoint'

/** Where the running practice is kept. */
export type CheckpointShelf = {
  /** What was kept, or null; also while another tab breathes: its checkpoint is no practice that was cut short. */
  readonly load: () => Promise<unknown>
  /** null ends it. Failing to keep it never stops a breath: it resolves either way. */
  readonly keep: (checkpoint: Checkpoint | null) => Promise<void>
}

export const createCheckpointShelf = (shelf: Shelf, heldElsewhere: () => Promise<boolean>): CheckpointShelf => {
  /** In order: a slow write must not arrive after the deletion that followed it. */
  let last: Promise<unknown> = Promise.resolve()
  return {
    load: async () => {
      if (await heldElsewhere()) return null
      const kept = await shelf.get(SHELF_KEY)
      return kept.ok ? (kept.value ?? null) : null
    },
    keep: async (checkpoint) => {
      const write = () => (checkpoint === null ? shelf.delete(SHELF_KEY) : shelf.put(SHELF_KEY, checkpoint))
      last = last.then(write, write)
      await last.catch(() => undefined)
    }
  }
}
