import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clientFrame, createFrameReader } from './frames.ts'

/** As a server sends them: unmasked, in as many frames as wanted. */
const serverFrames = (payload: Buffer, pieces: number, opcode = 2): Buffer => {
  const size = Math.ceil(payload.length / pieces)
  const frames: Buffer[] = []
  for (let i = 0; i < pieces; i++) {
    const part = payload.subarray(i * size, (i + 1) * size)
    const head =
      part.length < 126
        ? Buffer.of(0, part.length)
        : part.length < 65_536
          ? Buffer.of(0, 126, part.length >> 8, part.length & 255)
          : Buffer.concat([Buffer.of(0, 127), Buffer.alloc(8)])
    if (part.length >= 65_536) head.writeBigUInt64BE(BigInt(part.length), 2)
    head[0] = (i === pieces - 1 ? 0x80 : 0) | (i === 0 ? opcode : 0)
    frames.push(head, part)
  }
  return Buffer.concat(frames)
}

const collect = (keep = true) => {
  const messages: { bytes: string; total: number }[] = []
  const pings: string[] = []
  const closes: number[] = []
  const reader = createFrameReader({
    message: (bytes, start, end, total) => messages.push({ bytes: bytes.toString('hex', start, end), total }),
    ping: (payload) => pings.push(payload.toString()),
    close: (code) => closes.push(code)
  })
  reader.setKeep(keep)
  return { reader, messages, pings, closes }
}

test('messages come whole however frames and chunks part them', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.oneof(fc.nat(300), fc.constantFrom(65_535, 65_536, 70_000)), fc.integer({ min: 1, max: 4 })),
        {
          maxLength: 8
        }
      ),
      fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 20 }),
      (sent, cuts) => {
        const payloads = sent.map(([size], n) => Buffer.alloc(size, n + 1))
        const bytes = Buffer.concat(payloads.map((payload, n) => serverFrames(payload, sent[n]?.[1] ?? 1)))
        const { reader, messages } = collect()
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const chunk = Buffer.from(bytes.subarray(at, at + (cuts[turn % cuts.length] as number)))
          reader.push(chunk, chunk.length)
          // A reader that kept a view of the shared buffer would now hold something else.
          chunk.fill(255)
          at += cuts[turn % cuts.length] as number
        }
        expect(messages).toEqual(payloads.map((each) => ({ bytes: each.toString('hex'), total: each.length })))
      }
    )
  )
})

test('a ping and a close between the pieces of a message are heard, and the message is whole', () => {
  const { reader, messages, pings, closes } = collect()
  const [first, second] = [
    serverFrames(Buffer.from('ab'), 2).subarray(0, 3),
    serverFrames(Buffer.from('ab'), 2).subarray(3)
  ]
  const bytes = Buffer.concat([first, Buffer.of(0x89, 2, 104, 105), second, Buffer.of(0x88, 2, 17, 48)])
  reader.push(bytes, bytes.length)
  expect(pings).toEqual(['hi'])
  expect(messages).toEqual([{ bytes: '6162', total: 2 }])
  expect(closes).toEqual([4_400])
})

test('of a large message that is not kept the beginning and the length are told', () => {
  const { reader, messages } = collect(false)
  const bytes = serverFrames(Buffer.alloc(200_000, 7), 3)
  for (let at = 0; at < bytes.length; at += 50_000) {
    const chunk = bytes.subarray(at, at + 50_000)
    reader.push(chunk, chunk.length)
  }
  expect(messages).toEqual([{ bytes: '07'.repeat(64), total: 200_000 }])
})

test('a client frame is masked, and unmasked gives the payload', () => {
  for (const size of [0, 1, 125, 126, 65_535, 65_536]) {
    const payload = Buffer.alloc(size, 'breath')
    const frame = clientFrame(payload)
    const head = size < 126 ? 2 : size < 65_536 ? 4 : 10
    expect(frame[0]).toBe(0x82)
    expect((frame[1] as number) & 128).toBe(128)
    const mask = frame.subarray(head, head + 4)
    expect(mask.every((byte) => byte === 0)).toBe(false)
    const plain = frame.subarray(head + 4).map((byte, i) => byte ^ (mask[i & 3] as number))
    expect(Buffer.compare(plain, payload)).toBe(0)
  }
})
