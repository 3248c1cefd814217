import { expect, test } from 'vitest'
import { encodeHeld, readHeld } from './held.ts'
import { seq } from './ids.ts'

test('[DV18] how far a device holds a shard is said for one relay, byte by byte', () => {
  const mark = Uint8Array.of(1, 2, 3, 4)
  const payload = encodeHeld(mark, seq(300))
  expect([...payload]).toEqual([1, 1, 2, 3, 4, 0xac, 0x02])
  expect(readHeld(payload, mark)).toBe(300)
  expect(readHeld(payload, Uint8Array.of(1, 2, 3, 5))).toBe(undefined)
  expect(readHeld(Uint8Array.of(2, 1, 2, 3, 4, 5), mark)).toBe(undefined)
  expect(readHeld(payload.subarray(0, 6), mark)).toBe(undefined)
})
