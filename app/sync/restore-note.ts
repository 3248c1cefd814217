import type { Shelf } from '#app/store/ports.ts'
import { need } from './bench.ts'
import type { LocalPractices } from './status.ts'

/** What must outlive a crash of a taking-over: which step comes next, and with what. */
export interface Note {
  readonly step: 'taking' | 'acknowledging' | 'erasing-old'
  readonly local: LocalPractices
  /** Root that was here before, and the relays that may hold it (addresses separated by spaces); null where there is none. */
  readonly formerRoot: string | null
  readonly formerRelay: string | null
  /** Where the phrase's journal is, as typed. */
  readonly relay: string
  /** Epoch ms: tells one taking-over from the next. */
  readonly at: number
  /** All pages were told that what they have in memory was let go of. */
  readonly told?: boolean
}

const NOTE_KEY = 'sync/restore'

export const readNote = async (shelf: Shelf): Promise<Note | undefined> =>
  need(await shelf.get(NOTE_KEY)) as Note | undefined

export const writeNote = async (shelf: Shelf, note: Note): Promise<void> => need(await shelf.put(NOTE_KEY, note))

export const dropNote = async (shelf: Shelf): Promise<void> => need(await shelf.delete(NOTE_KEY))
