import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BUS_MESSAGE_BYTES } from '#server/rooms/ports.ts'
import { createPayloadReader, createPayloadWriter } from './payloads.ts'

type Message = { readonly topic: string; readonly message: Uint8Array }

const readAll = (payloads: readonly string[]): { readonly messages: readonly Message[]; readonly losses: number } => {
  const messages: Message[] = []
  let losses = 0
  const reader = createPayloadReader({
    onMessage: (topic, message) => messages.push({ topic, message }),
    onLoss: () => losses++
  })
  for (const payload of payloads) reader.read(payload)
  return { messages, losses }
}

const size = fc.oneof(
  { weight: 5, arbitrary: fc.nat(200) },
  { weight: 3, arbitrary: fc.integer({ min: 5_900, max: 6_100 }) },
  { weight: 1, arbitrary: fc.nat(40_000) }
)
const message: fc.Arbitrary<Message> = fc.record({
  topic: fc.string({ unit: 'binary', maxLength: 80 }),
  message: fc
    .tuple(size, fc.nat(255))
    .map(([bytes, seed]) => new Uint8Array(bytes).map((_, at) => (at * 7 + seed) & 0xff))
})

test('[BU21] messages of any number and size come out of payloads as they went in; no two payloads are equal', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(message, { maxLength: 12 }), { maxLength: 4 }),
      fc.boolean(),
      (batches, isAfterLoss) => {
        const writer = createPayloadWriter()
        const payloads = batches.flatMap((batch) => writer.write(batch, isAfterLoss))
        expect(payloads.every((payload) => payload.length < 8_000)).toBe(true)
        expect(new Set(payloads).size).toBe(payloads.length)
        expect(readAll(payloads)).toEqual({ messages: batches.flat(), losses: isAfterLoss ? batches.length : 0 })
      }
    ),
    { numRuns: 300 }
  )
})

test('[BU21] small messages share a payload, a large one has no more than it needs', () => {
  const writer = createPayloadWriter()
  const small = Array.from({ length: 100 }, () => ({ topic: 'room', message: new Uint8Array(16) }))
  expect(writer.write(small, false)).toHaveLength(1)
  const largest = { topic: 't'.repeat(1_024), message: new Uint8Array(BUS_MESSAGE_BYTES) }
  expect(writer.write([largest], false)).toHaveLength(43)
})

test('[BU21] a part that is missing costs its message and is told; what follows is read', () => {
  const large = { topic: 'large', message: new Uint8Array(20_000).fill(1) }
  const next = { topic: 'next', message: new Uint8Array([2]) }
  const payloads = createPayloadWriter().write([large, next], false)
  expect(payloads).toHaveLength(5)
  for (let missing = 0; missing < 4; missing++) {
    const { messages, losses } = readAll(payloads.filter((_, index) => index !== missing))
    expect(messages).toEqual([next])
    expect(losses).toBeGreaterThan(0)
  }
})

test('[BU21] bytes that are none of ours are passed over, whatever they are', () => {
  const base64 = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString('base64'))
  const likeOurs = fc
    .uint8Array({ maxLength: 400 })
    .map((bytes) => Buffer.from([1, 0, 0, 0, 0, (bytes[0] ?? 0) % 4, ...bytes.subarray(1)]).toString('base64'))
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), base64, likeOurs)), (payloads) => {
      const ours = createPayloadWriter().write([{ topic: 'a', message: new Uint8Array(1) }], false)
      expect(readAll([...payloads, ...ours]).messages.at(-1)).toEqual({ topic: 'a', message: new Uint8Array(1) })
    })
  )
})
