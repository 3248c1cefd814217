import type * as Y from 'yjs'
import { FIELD_MAPS, type FieldMonth, fieldRoom } from '#core/field.ts'
import { hourKey, parseNowPartial } from '#core/field-counts.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import type { FieldOptions } from './ports.ts'
import { openRoomDoc, type RoomDoc } from './room-doc.ts'

/** A document that nobody has asked about for so long is let go. */
const IDLE_SECONDS = 60

const nowMap = (doc: Y.Doc): Y.Map<unknown> => doc.getMap(FIELD_MAPS.now)
const hoursMap = (doc: Y.Doc): Y.Map<unknown> => doc.getMap(FIELD_MAPS.hours)

interface OpenMonth extends RoomDoc {
  neededAt: number
}

/** The field's documents that this relay has open, and what its run writes into them: entries that no other run writes. */
export interface Months {
  /** Enters the month's room, or stays in it. @returns whether its content is here: nothing is written before */
  need(month: FieldMonth, second: number): boolean
  /** Resolves once these are here, or false after `withinMs`. */
  synced(months: readonly FieldMonth[], withinMs: number): Promise<boolean>
  /** @param value undefined takes it back */
  setNow(month: FieldMonth, value: readonly number[] | undefined): void
  setHour(month: FieldMonth, hour: number, peopleSeconds: number): void
  nowEntries(): readonly unknown[]
  hourEntries(): readonly (readonly [string, unknown])[]
  /** Clears away what runs wrote that told nothing for `deadSeconds`. */
  clearDead(second: number, deadSeconds: number): void
  letGo(second: number, except: FieldMonth | undefined): void
  size(): number
  close(): void
}

export const createMonths = (options: FieldOptions, run: string): Months => {
  const open = new Map<FieldMonth, OpenMonth>()
  const author = (): number => new DataView(options.random(4).slice().buffer).getUint32(0)
  /** One for what changes often and one for what changes rarely: Yjs keeps an author's overwritten values as one piece where they follow one another. */
  const authors = { now: author(), hours: author() }

  const write = (month: FieldMonth, as: keyof typeof authors, change: (doc: Y.Doc) => void): void => {
    const opened = open.get(month)
    // Of a document that is not all here it is not known what this author has written already.
    if (opened?.isSynced() !== true) return
    opened.doc.clientID = authors[as]
    opened.doc.transact(() => change(opened.doc))
  }

  return {
    need(month, second) {
      const opened = open.get(month) ?? { ...openRoomDoc(options, fieldRoom(month) as RoomName), neededAt: second }
      opened.neededAt = second
      open.set(month, opened)
      return opened.isSynced()
    },
    synced: (months, withinMs) =>
      new Promise((resolve) => {
        const wanted = months.flatMap((month) => open.get(month) ?? [])
        const isHere = (): boolean => wanted.every((each) => each.isSynced())
        const cancel = options.clock.after(withinMs, () => resolve(isHere()))
        const look = (): void => {
          if (!isHere()) return
          cancel()
          resolve(true)
        }
        for (const each of wanted) each.onSynced(look)
      }),
    setNow: (month, value) =>
      write(month, 'now', (doc) => {
        if (value === undefined) nowMap(doc).delete(run)
        else nowMap(doc).set(run, value)
      }),
    setHour: (month, hour, peopleSeconds) =>
      write(month, 'hours', (doc) => hoursMap(doc).set(hourKey(hour, run), peopleSeconds)),
    nowEntries: () => [...open.values()].flatMap(({ doc }) => [...nowMap(doc).values()]),
    hourEntries: () => [...open.values()].flatMap(({ doc }) => [...hoursMap(doc).entries()]),
    clearDead(second, deadSeconds) {
      for (const [month, { doc }] of open) {
        const dead = [...nowMap(doc)].filter(([key, value]) => {
          const told = parseNowPartial(value)?.second ?? 0
          return key !== run && Math.abs(second - told) > deadSeconds
        })
        if (dead.length > 0) write(month, 'now', () => dead.map(([key]) => nowMap(doc).delete(key)))
      }
    },
    letGo(second, except) {
      for (const [month, opened] of open) {
        if (month === except || Math.abs(second - opened.neededAt) < IDLE_SECONDS) continue
        opened.close()
        open.delete(month)
      }
    },
    size: () => open.size,
    close() {
      for (const opened of open.values()) opened.close()
      open.clear()
    }
  }
}
