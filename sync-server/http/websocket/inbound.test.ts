import { describe, expect, test } from 'vitest'
import { clientFrame, join, limitsForTest, openReader, type Told } from './inbound.fixture.ts'

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + 7) & 255)
const message = (length: number): Told => ({ kind: 'message', bytes: bytes(length) })

/** What comes of these bytes when they come in chunks of this size. */
const readAll = (stream: Uint8Array, chunkSize = stream.length, limits = limitsForTest()): readonly Told[] => {
  const reader = openReader(limits)
  for (let at = 0; at < stream.length; at += chunkSize) reader.read(stream.slice(at, at + chunkSize))
  return reader.told
}
const brokenWith = (code: number): readonly Told[] => [{ kind: 'broken', code }]

describe('[WS3] messages arrive byte for byte', () => {
  const sizes = [0, 1, 2, 3, 4, 125, 126, 127, 128, 131, 1_000, 65_535, 65_536, 200_003]

  test.each([1, 2, 3, 7, 4_096, 65_536, 10_000_000])('in chunks of %i', (chunkSize) => {
    const stream = join(
      ...sizes.map((size) => clientFrame({ opcode: 2, payload: bytes(size), mask: [0xde, 0xad, 0xbe, size & 255] }))
    )
    expect(readAll(stream, chunkSize)).toEqual(sizes.map(message))
  })

  test.each([1, 5, 64, 10_000])('in fragments, with control frames between, in chunks of %i', (chunkSize) => {
    const whole = bytes(900)
    const stream = join(
      clientFrame({ opcode: 2, payload: whole.slice(0, 301), isLast: false }),
      clientFrame({ opcode: 9, payload: bytes(125) }),
      clientFrame({ opcode: 0, payload: whole.slice(301, 302), isLast: false, mask: [9, 9, 9, 1] }),
      clientFrame({ opcode: 10 }),
      clientFrame({ opcode: 0, isLast: false }),
      clientFrame({ opcode: 0, payload: whole.slice(302) }),
      clientFrame({ opcode: 2, payload: bytes(1) })
    )
    expect(readAll(stream, chunkSize)).toEqual([
      { kind: 'ping', bytes: bytes(125) },
      { kind: 'pong' },
      message(900),
      message(1)
    ])
  })

  test('a message ends with its last byte, not with the next chunk', () => {
    const { told, read } = openReader()
    const frame = clientFrame({ opcode: 2, payload: bytes(10) })
    for (let i = 0; i < frame.length; i++) read(frame.slice(i, i + 1))
    expect(told).toEqual([message(10)])
    const ping = clientFrame({ opcode: 9, payload: bytes(3) })
    for (let i = 0; i < ping.length; i++) read(ping.slice(i, i + 1))
    expect(told.at(-1)).toEqual({ kind: 'ping', bytes: bytes(3) })
  })
})

test('[WS4] a message kept stays as it was, and keeps no more than twice its size alive', () => {
  const { told, read } = openReader()
  const frames = [10, 100, 30_000, 12].map((size) => clientFrame({ opcode: 2, payload: bytes(size) }))
  const cut = join(...frames)
  read(cut.slice(0, 20_000))
  read(cut.slice(20_000))
  for (const size of [40, 20_000, 50]) {
    read(clientFrame({ opcode: 2, payload: bytes(size).slice(0, size / 2), isLast: false }))
    read(clientFrame({ opcode: 0, payload: bytes(size).slice(size / 2) }))
  }
  expect(told).toEqual([10, 100, 30_000, 12, 40, 20_000, 50].map(message))
  for (const each of told) {
    if (each.kind !== 'message') throw new Error(each.kind)
    // A header is 14 bytes at most.
    expect(each.bytes.buffer.byteLength).toBeLessThanOrEqual(each.bytes.length * 2 + 14)
  }
})

describe('[WS5] what RFC 6455 forbids in a frame ends with 1002', () => {
  const payload = bytes(3)
  const cases: Readonly<Record<string, Uint8Array>> = {
    'no mask': clientFrame({ opcode: 2, payload, mask: [] }),
    'a reserved bit': clientFrame({ opcode: 2, payload, reserved: 0x40 }),
    'the second reserved bit': clientFrame({ opcode: 2, payload, reserved: 0x20 }),
    'the third, on a ping': clientFrame({ opcode: 9, payload, reserved: 0x10 }),
    'opcode 3': clientFrame({ opcode: 3, payload }),
    'opcode 11': clientFrame({ opcode: 11, payload }),
    'a ping in fragments': clientFrame({ opcode: 9, payload, isLast: false }),
    'a ping of 126 bytes': clientFrame({ opcode: 9, payload: bytes(126) }),
    'a continuation of nothing': clientFrame({ opcode: 0, payload }),
    'a length of 125 in three bytes': clientFrame({
      opcode: 2,
      payload: bytes(125),
      length: { short: 126, long: Uint8Array.of(0, 125) }
    }),
    'a length of 65535 in nine bytes': clientFrame({
      opcode: 2,
      length: { short: 127, long: Uint8Array.of(0, 0, 0, 0, 0, 0, 255, 255) }
    }),
    'a length with its highest bit set': clientFrame({
      opcode: 2,
      length: { short: 127, long: Uint8Array.of(128, 0, 0, 0, 0, 1, 0, 0) }
    }),
    'a close of one byte': clientFrame({ opcode: 8, payload: bytes(1) }),
    'a close of one byte that has not come (once found with seed 2103834610)': Uint8Array.of(0x88, 0x81, 1),
    'a close with 1005': clientFrame({ opcode: 8, payload: Uint8Array.of(3, 237) }),
    'a close with 999': clientFrame({ opcode: 8, payload: Uint8Array.of(3, 231) }),
    'a close with 2999': clientFrame({ opcode: 8, payload: Uint8Array.of(11, 183) })
  }

  test.each(Object.entries(cases))('%s', (_, frame) => {
    expect(readAll(join(frame, clientFrame({ opcode: 2 })))).toEqual(brokenWith(1002))
    expect(readAll(frame, 1)).toEqual(brokenWith(1002))
  })

  test('a message inside a message', () => {
    const begun = clientFrame({ opcode: 2, payload, isLast: false })
    expect(readAll(join(begun, clientFrame({ opcode: 2, payload })))).toEqual(brokenWith(1002))
  })
})

describe('[WS6] a message too large is refused at its header', () => {
  const limits = limitsForTest({ messageBytes: 70_000 })
  const announced = (length: number): Uint8Array =>
    clientFrame({
      opcode: 2,
      length: { short: 127, long: new Uint8Array(new BigUint64Array([BigInt(length)]).buffer).reverse() }
    })

  test('whole', () => {
    expect(readAll(announced(70_001), 1, limits)).toEqual(brokenWith(1009))
    expect(readAll(announced(2 ** 62), 1, limits)).toEqual(brokenWith(1009))
    expect(readAll(announced(70_000), 1, limits)).toEqual([])
  })

  test('as the sum of its fragments', () => {
    const parts = join(
      clientFrame({ opcode: 2, payload: bytes(40_000), isLast: false }),
      clientFrame({ opcode: 0, payload: bytes(30_000), isLast: false })
    )
    expect(readAll(parts, 1_000, limits)).toEqual([])
    expect(readAll(join(parts, clientFrame({ opcode: 0, payload: bytes(1) })), 1_000, limits)).toEqual(brokenWith(1009))
  })

  test('what is announced takes no memory before it comes', () => {
    const reader = openReader(limitsForTest({ messageBytes: 64_000_000 }))
    reader.read(join(announced(64_000_000), bytes(10)))
    expect(reader.inbound.assembly?.buffer.length).toBeLessThanOrEqual(16_384)
  })
})

test('[WS7] text is refused with 4400, at its header', () => {
  expect(readAll(clientFrame({ opcode: 1, payload: bytes(100) }).slice(0, 2))).toEqual(brokenWith(4400))
  const begun = clientFrame({ opcode: 2, payload: bytes(1), isLast: false })
  expect(readAll(join(begun, clientFrame({ opcode: 1 })))).toEqual(brokenWith(1002))
})

describe('[WS8] a close', () => {
  test('is told with its code, and nothing after it is read', () => {
    const reason = Uint8Array.of(15, 161, ...new TextEncoder().encode('später'))
    const stream = join(clientFrame({ opcode: 8, payload: reason }), clientFrame({ opcode: 2, payload: bytes(5) }))
    expect(readAll(stream)).toEqual([{ kind: 'close', code: 4001 }])
    expect(readAll(clientFrame({ opcode: 8 }), 1)).toEqual([{ kind: 'close', code: undefined }])
  })

  test('with a reason that is not UTF-8 ends with 1007', () => {
    expect(readAll(clientFrame({ opcode: 8, payload: Uint8Array.of(3, 232, 0xc3, 0x28) }))).toEqual(brokenWith(1007))
  })
})

test('[WS10] a message in more fragments than its size explains ends with 1008', () => {
  const limits = limitsForTest({ fragments: 4, fragmentBytes: 100 })
  const fragments = (count: number, size: number): Uint8Array =>
    join(
      ...Array.from({ length: count }, (_, i) =>
        clientFrame({ opcode: i === 0 ? 2 : 0, payload: bytes(size), isLast: false })
      )
    )
  expect(readAll(fragments(4, 1), 3, limits)).toEqual([])
  expect(readAll(fragments(5, 1), 3, limits)).toEqual(brokenWith(1008))
  expect(readAll(fragments(50, 100), 999, limits)).toEqual([])
  expect(readAll(fragments(5, 0), 3, limits)).toEqual(brokenWith(1008))
})

test('[WS11] unfinished messages share one bound; what ends gives its part back', () => {
  const reception = { bytes: 0, bound: 1_000 }
  const limits = limitsForTest({ reception })
  const [one, two, three] = [openReader(limits), openReader(limits), openReader(limits)]
  const frame = clientFrame({ opcode: 2, payload: bytes(700) })
  one.read(frame.slice(0, 500))
  expect(reception.bytes).toBeGreaterThan(400)
  two.read(frame.slice(0, 600))
  expect(two.told).toEqual(brokenWith(1013))
  one.read(frame.slice(500))
  expect(one.told).toEqual([message(700)])
  expect(reception.bytes).toBe(0)
  three.read(frame.slice(0, 600))
  three.read(frame.slice(600))
  expect(three.told).toEqual([message(700)])
})
