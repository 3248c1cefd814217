import { deflateRawSync, inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deflateBody, inflateBody, inflateLimit, streamCompression } from './deflate.ts'

const deflate = (bytes: Uint8Array) => deflateBody(streamCompression, bytes)
const inflate = (bytes: Uint8Array) => inflateBody(streamCompression, bytes)
const words = fc
  .array(fc.constantFrom('breath ', 'in ', 'out ', 'evening ', 'calm ', 'tea ', '☯ '), {
    minLength: 20,
    maxLength: 3_000
  })
  .map((list) => new TextEncoder().encode(list.join('')))

test('[SE6] what is deflated inflates again, and what shrinks too far is left as it is', async () => {
  let deflatedOnes = 0
  const any = fc.oneof(
    words,
    fc.uint8Array({ maxLength: 2_000 }),
    fc.nat(200_000).map((length) => new Uint8Array(length))
  )
  await fc.assert(
    fc.asyncProperty(any, async (bytes) => {
      const deflated = await deflate(bytes)
      if (!deflated) return
      deflatedOnes++
      expect(deflated.byteLength).toBeLessThan(bytes.byteLength)
      expect(await inflate(deflated)).toEqual(bytes)
      expect(new Uint8Array(inflateRawSync(deflated))).toEqual(bytes)
    })
  )
  expect(deflatedOnes).toBeGreaterThan(10)
  expect(await deflate(new Uint8Array(100_000))).toBeUndefined()
})

test('[SE7] a bomb is read no further than its bound', async () => {
  const bomb = new Uint8Array(deflateRawSync(new Uint8Array(200_000_000)))
  expect(bomb.byteLength).toBeLessThan(200_000)
  const before = process.memoryUsage().arrayBuffers
  let peak = 0
  const watched = { ...streamCompression, inflate: watchMemory((bytes) => (peak = Math.max(peak, bytes))) }
  expect(await inflateBody(watched, bomb)).toBeUndefined()
  expect(peak - before).toBeLessThan(60_000_000)
  expect(inflateLimit(bomb.byteLength)).toBe(bomb.byteLength * 16)
  expect(inflateLimit(10_000_000)).toBe(64_000_000)
})

test('[SE7] a stream that is cut, changed or followed by anything does not inflate', async () => {
  const whole = new Uint8Array(deflateRawSync(new TextEncoder().encode('breath in, breath out, '.repeat(4))))
  expect(await inflate(whole)).toBeDefined()
  for (let length = 0; length < whole.byteLength; length++)
    expect(await inflate(whole.subarray(0, length))).toBeUndefined()
  expect(await inflate(new Uint8Array([...whole, 0]))).toBeUndefined()
  expect(await inflate(Uint8Array.of(0xff, 0xff, 0xff))).toBeUndefined()
})

/** Samples memory while the platform inflates. */
function watchMemory(sample: (bytes: number) => void) {
  return async (bytes: Uint8Array, limit: number) => {
    const timer = setInterval(() => sample(process.memoryUsage().arrayBuffers), 1)
    try {
      return await streamCompression.inflate(bytes, limit)
    } finally {
      sample(process.memoryUsage().arrayBuffers)
      clearInterval(timer)
    }
  }
}
