import { expect, test } from 'vitest'
import { hear, leave, type PresenceTable, sweep } from './presence-table.ts'

const state = (text: string): Uint8Array => new TextEncoder().encode(JSON.stringify(text))
const alice = 1
const here = (clock: number, text = 'here') => ({ client: alice, clock, state: state(text) })
const gone = (clock: number) => ({ client: alice, clock, state: undefined })

const table = (): PresenceTable<string> => new Map()
const say = (
  to: PresenceTable<string>,
  socket: string,
  presence: { client: number; clock: number; state: Uint8Array | undefined },
  at = 0
) => hear(to, socket, presence, at, true)
const isHere = (of: PresenceTable<string>): boolean => of.get(alice)?.state !== undefined

test('[OR15] an echo dies: only a clock above the known one is news', () => {
  const room = table()
  expect(say(room, 'a', here(3))).toBe('brought')
  expect(say(room, 'b', here(3))).toBe('echo')
  expect(say(room, 'b', here(2, 'old'))).toBe('echo')
  expect(say(room, 'a', here(4))).toBe('told')
  expect(say(room, 'b', gone(9))).toBe('echo')
  expect(say(room, 'b', { client: 2, clock: 0, state: undefined })).toBe('echo')
  expect(room.size).toBe(1)
})

test('[OR15] its own socket takes a presence away with an equal clock, nobody else does', () => {
  const room = table()
  say(room, 'a', here(3))
  expect(say(room, 'b', gone(3))).toBe('echo')
  expect(isHere(room)).toBe(true)
  expect(say(room, 'a', gone(3))).toBe('told')
  expect(isHere(room)).toBe(false)
  expect(say(room, 'a', gone(3))).toBe('echo')
})

test('[OR16] who left does not come back by a late echo, and says so to a device that was away', () => {
  const room = table()
  say(room, 'a', here(3))
  expect(leave(room, 'a', 0)).toBe(true)
  expect(room.get(alice)).toMatchObject({ clock: 4, state: undefined })
  expect(say(room, 'b', here(3))).toBe('gone')
  expect(say(room, 'a2', here(4))).toBe('gone')
  expect(say(room, 'a2', here(5))).toBe('brought')
  expect(isHere(room)).toBe(true)
})

test('[OR16] the end of an old socket leaves a device that has come back on a new one', () => {
  const room = table()
  say(room, 'old', here(3))
  say(room, 'new', here(4))
  expect(leave(room, 'old', 0)).toBe(false)
  expect(isHere(room)).toBe(true)
  expect(leave(room, 'new', 0)).toBe(true)
  expect(isHere(room)).toBe(false)
})

test('[OR16] a tab that spoke for another does not take it along', () => {
  const room = table()
  say(room, 'a', here(3))
  say(room, 'b', here(4))
  expect(leave(room, 'b', 0)).toBe(false)
  expect(isHere(room)).toBe(true)
  expect(say(room, 'a', gone(4))).toBe('told')
})

test('[OR16] who stops renewing leaves, and is forgotten later', () => {
  const room = table()
  say(room, 'a', here(3))
  expect(sweep(room, 90_000)).toBe(false)
  expect(sweep(room, 101_000)).toBe(true)
  expect(isHere(room)).toBe(false)
  for (const entry of room.values()) entry.due = false
  sweep(room, 300_000)
  expect(room.size).toBe(0)
})
