import { expect, test } from 'vitest'
import { encodeHeld, readHeld } from './held.ts'
import { seq } from './ids.ts'

test('[DV18] how far a device holds a shard is said for one relay and one history, byte by byte', () => {
  const mark = Uint8Array.of(1, 2, 3, 4)
  const hash = new Uint8Array(16).fill(9)
  const payload = encodeHeld(mark, { seq: seq(300), hash }, false)
  expect([...payload]).toEqual([1, 1, 2, 3, 4, 0xac, 0x02, ...hash])
  expect(readHeld(payload, mark)).toMatchObject({ seq: 300, hash, asks: false })
  const asking = encodeHeld(mark, { seq: seq(300), hash }, true)
  expect([...asking]).toEqual([2, ...payload.subarray(1)])
  expect(readHeld(asking, mark)).toMatchObject({ seq: 300, hash, asks: true })
  expect(readHeld(payload, Uint8Array.of(1, 2, 3, 5))).toBe(undefined)
  expect(readHeld(Uint8Array.of(3, ...payload.subarray(1)), mark)).toBe(undefined)
  expect(readHeld(payload.subarray(0, 20), mark)).toBe(undefined)
})
