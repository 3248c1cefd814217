import type { JournalEntry } from '#app/domain/journal/entry.ts'
import type { RecordId } from '#app/domain/practice/record.ts'
import { createCell } from './cell.ts'
import type { Live, LostEdit } from './face.ts'
import type { Shelf } from './ports.ts'

/** Offers to keep a copy of what was edited here and deleted elsewhere at the same time. On the shelf until answered. */
export type LostEdits = {
  readonly live: Live<readonly LostEdit[]>
  readonly add: (entry: JournalEntry, copyId: RecordId) => Promise<void>
  /** @returns the offer, null if it was answered already (here or in another tab). */
  readonly find: (id: RecordId) => Promise<LostEdit | null>
  readonly drop: (id: RecordId) => Promise<void>
  readonly read: () => Promise<void>
}

const SHELF_KEY = 'store/lost-edits'

export const createLostEdits = (shelf: Shelf): LostEdits => {
  const live = createCell<readonly LostEdit[]>([])

  /** The shelf is the truth: another tab may have answered. What cannot be read is kept as it is in memory. */
  const read = async (): Promise<void> => {
    const kept = await shelf.get(SHELF_KEY)
    if (kept.ok) live.set(Array.isArray(kept.value) ? (kept.value as readonly LostEdit[]) : [])
  }
  const write = async (offers: readonly LostEdit[]): Promise<void> => {
    live.set(offers)
    await shelf.put(SHELF_KEY, offers)
  }

  return {
    live,
    read,
    add: async (entry, copyId) => {
      await read()
      if (!live.get().some((offer) => offer.entry.id === entry.id)) await write([...live.get(), { entry, copyId }])
    },
    find: async (id) => {
      await read()
      return live.get().find((offer) => offer.entry.id === id) ?? null
    },
    drop: async (id) => {
      await read()
      await write(live.get().filter((offer) => offer.entry.id !== id))
    }
  }
}
