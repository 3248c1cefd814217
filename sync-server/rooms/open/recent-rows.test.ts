import { expect, test } from 'vitest'
import { appendRow, rowsAfter, tailAfter } from '#server/protocol/open/tail.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import { createRandom } from '#testing/random.ts'
import { createOpenCounters } from './open-counters.ts'
import { OPEN_LIMITS } from './open-limits.ts'
import { createRecentRows, updateIn } from './recent-rows.ts'
import { createRoom, type Room } from './room.ts'

test('the newest rows are found as they were kept, within a bound for all rooms', () => {
  const counters = createOpenCounters()
  const limits = { ...OPEN_LIMITS, recentBytes: 4_096, recentBytesPerRoom: 1_024 }
  const recent = createRecentRows(limits, counters)
  const random = createRandom(3)
  const rooms = Array.from({ length: 8 }, (_, index) => createRoom(`${index}` as RoomName, 0))
  const updates = new Map<Room, Uint8Array[]>(rooms.map((room) => [room, []]))
  let found = 0
  for (let step = 0; step < 3_000; step++) {
    const room = random.pick(rooms)
    const kept = updates.get(room) ?? []
    if (random.chance(0.01) && room.head > 0) {
      const upto = random.between(1, room.head)
      recent.trim(room, upto)
      room.tail = tailAfter(room.tail, upto)
    } else {
      const update = random.bytes(random.chance(0.01) ? 200 : random.between(1, 60))
      kept.push(update)
      room.head = kept.length
      appendRow(room.tail, room.head, update.byteLength, false, [])
      recent.keep(room, update)
    }
    expect(counters.recentBytes).toBeLessThanOrEqual(limits.recentBytes + limits.recentBytesPerRoom)
    const rows = rowsAfter(room.tail, random.between(0, room.head)).filter(() => random.chance(0.7))
    const messages = recent.find(room, rows)
    if (messages === undefined) continue
    found += rows.length
    expect(messages.map(updateIn)).toEqual(rows.map(({ seq }) => kept[seq - 1]))
  }
  expect(found).toBeGreaterThan(1_000)
  for (const room of rooms) recent.drop(room)
  expect(counters.recentBytes).toBe(0)
})
