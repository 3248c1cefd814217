import { type ComponentType, createElement, lazy, useState } from 'react'
import type { Place } from './places.ts'

/** A screen whose code comes when it is wanted, or before. */
interface Room<Props> {
  readonly Screen: ComponentType<Props>
  readonly load: () => Promise<unknown>
}

/**
 * Once its code is here a room is drawn at once: `lazy` alone would show its fallback even then, and React leaves a fallback up for
 * 300 ms (19.3).
 */
const room = <Props extends object>(read: () => Promise<ComponentType<Props>>): Room<Props> => {
  let here: ComponentType<Props> | null = null
  let reading: Promise<ComponentType<Props>> | null = null
  const load = (): Promise<ComponentType<Props>> => {
    reading ??= read().then((screen) => {
      here = screen
      return screen
    })
    // Tried again at the next visit: the network may be back.
    reading.catch(() => {
      reading = null
    })
    return reading
  }
  const Later = lazy(async () => ({ default: await load() }))
  // Chosen once: a screen that turned from one into the other would forget what was typed.
  const Screen = (props: Props) =>
    createElement(useState(() => ({ type: here ?? Later }))[0].type as ComponentType<Props>, props)
  return { Screen, load }
}

export const journalRoom = room(async () => (await import('./journal/Journal.tsx')).Journal)
export const entryRoom = room(async () => (await import('./journal/Entry.tsx')).Entry)
export const settingsRoom = room(async () => (await import('./settings/Settings.tsx')).Settings)
export const patternRoom = room(async () => (await import('./breathe/OwnPattern.tsx')).OwnPattern)
export const fieldRoom = room(async () => (await import('./field/Field.tsx')).Field)
export const elsewhereRoom = room(async () => (await import('./settings/ElsewherePlace.tsx')).ElsewherePlace)

const loads: Readonly<Partial<Record<Place['name'], () => Promise<unknown>>>> = {
  journal: journalRoom.load,
  entry: entryRoom.load,
  settings: settingsRoom.load,
  pattern: patternRoom.load,
  field: fieldRoom.load,
  elsewhere: elsewhereRoom.load
}

/** Reads the code of a place. A failure is told where the place is drawn. */
export const readyRoom = async ({ name }: Place): Promise<void> => {
  await loads[name]?.().catch(() => undefined)
}

/** Reads the code of every place, so that none is waited for. */
export const readyAllRooms = async (): Promise<void> => {
  await Promise.allSettled(Object.values(loads).map((load) => load()))
}
