import { describe, expect, test } from 'vitest'
import type { Prepared } from '#server/rooms/relay-ports.ts'
import { bytes, messagesIn, rig, shapes } from './outbound.fixture.ts'
import { dropOutbound, endAfter, endOutbound, sendControl, sendMessage, sendPrepared } from './outbound.ts'

describe('[WS14] what is said within a turn', () => {
  test('leaves when it ends, as one write', () => {
    const { outbound, endTurn, writes, sent } = rig()
    sendMessage(outbound, bytes(10))
    sendPrepared(outbound, { bytes: bytes(20) })
    sendMessage(outbound, bytes(20_000))
    expect(writes).toEqual([])
    endTurn()
    expect(writes).toHaveLength(1)
    expect(messagesIn(sent())).toEqual([bytes(10), bytes(20), bytes(20_000)])
    expect(endTurn()).toBe(false)
  })

  test('a prepared message is framed once for all sockets, also when others come between', () => {
    const [one, two, three] = [rig(), rig(), rig()]
    const [first, second]: Prepared[] = [{ bytes: bytes(500) }, { bytes: bytes(600) }]
    if (first === undefined || second === undefined) throw new Error('unreachable')
    sendPrepared(one.outbound, first)
    sendPrepared(two.outbound, second)
    sendPrepared(three.outbound, first)
    for (const each of [one, two, three]) each.endTurn()
    expect(one.writes[0]?.[0]).toBe(three.writes[0]?.[0])
    expect(messagesIn(two.sent())).toEqual([second.bytes])
  })
})

describe('[WS15] a large message', () => {
  test.each([65_537, 131_072, 131_073, 262_144, 1_000_003])('of %i bytes comes whole', (size) => {
    const { outbound, endTurn, sent } = rig()
    sendPrepared(outbound, { bytes: bytes(size) })
    sendMessage(outbound, bytes(size))
    while (endTurn());
    expect(messagesIn(sent())).toEqual([bytes(size), bytes(size)])
    expect(Math.max(...shapes(sent()).map(([, length]) => length))).toBeLessThanOrEqual(262_144)
  })

  test('is never copied, and leaves no faster than the peer reads', () => {
    const { outbound, endTurn, writes, stall, take } = rig()
    const message: Prepared = { bytes: bytes(1_000_000) }
    stall()
    const queued = sendPrepared(outbound, message)
    expect(queued).toBe(0)
    while (endTurn());
    expect(writes).toHaveLength(1)
    const held = sendMessage(outbound, bytes(3))
    endTurn()
    expect(writes).toHaveLength(1)
    expect(held).toBeLessThan(131_072 + 20)
    expect(writes.flat().filter((part) => part.length > 10)[0]?.buffer).toBe(message.bytes.buffer)
    take()
    while (endTurn());
    expect(writes).toHaveLength(2)
  })

  test('keeps its place: what is said later follows it, pings stand between', () => {
    const { outbound, endTurn, stall, take, sent } = rig()
    stall()
    sendMessage(outbound, bytes(1))
    sendPrepared(outbound, { bytes: bytes(300_000) })
    sendMessage(outbound, bytes(2))
    endTurn()
    sendControl(outbound, Uint8Array.of(0x89, 0))
    sendMessage(outbound, bytes(3))
    for (let i = 0; i < 10; i++) {
      take()
      endTurn()
    }
    expect(shapes(sent())).toEqual([
      [0x82, 1],
      [0x02, 131_072],
      [0x89, 0],
      [0x00, 131_072],
      [0x80, 300_000 - 2 * 131_072],
      [0x82, 2],
      [0x82, 3]
    ])
  })
})

describe('[WS16] queued bytes', () => {
  test('count what this socket alone holds, until the peer took everything', () => {
    const { outbound, endTurn, stall, take, drained, writes } = rig()
    stall()
    expect(sendMessage(outbound, bytes(100))).toBe(102)
    expect(sendMessage(outbound, bytes(300_000))).toBe(300_102)
    endTurn()
    expect(drained()).toBe(0)
    expect(sendMessage(outbound, bytes(10))).toBeGreaterThanOrEqual(300_114)
    for (let i = 0; i < 5; i++) {
      take()
      endTurn()
    }
    expect(drained()).toBe(1)
    expect(sendMessage(outbound, bytes(10))).toBe(12)
    expect(writes.length).toBeGreaterThan(2)
  })

  test('do not count what others hold, before it left or after', () => {
    const { outbound, endTurn } = rig()
    sendPrepared(outbound, { bytes: bytes(300_000) })
    expect(sendMessage(outbound, bytes(10))).toBe(12)
    while (endTurn());
    expect(sendMessage(outbound, bytes(10))).toBe(12)
  })

  test('drained is told after every turn that left nothing', () => {
    const { outbound, endTurn, drained } = rig()
    sendMessage(outbound, bytes(5))
    endTurn()
    sendMessage(outbound, bytes(5))
    endTurn()
    expect(drained()).toBe(2)
  })

  test('nothing is taken, counted or sent once it is over', () => {
    const { outbound, endTurn, writes } = rig()
    sendMessage(outbound, bytes(5))
    dropOutbound(outbound)
    expect(sendMessage(outbound, bytes(5))).toBe(0)
    expect(sendPrepared(outbound, { bytes: bytes(100_000) })).toBe(0)
    sendControl(outbound, Uint8Array.of(0x89, 0))
    endTurn()
    expect(writes).toEqual([])
  })
})

describe('[WS20] the last frame', () => {
  const LAST = Uint8Array.of(0x88, 0)

  test('leaves behind all that waits, and the end behind it when it was answered', () => {
    const { outbound, endTurn, stall, take, sent, state } = rig()
    stall()
    sendPrepared(outbound, { bytes: bytes(200_000) })
    endTurn()
    endOutbound(outbound, LAST, false, false)
    endAfter(outbound)
    expect(state.ends).toBe(0)
    for (let i = 0; i < 4; i++) {
      take()
      endTurn()
    }
    expect(state.ends).toBe(1)
    expect(shapes(sent()).at(-1)).toEqual([0x88, 0])
  })

  test('leaves at once between two fragments where the peer is to hear no more', () => {
    const { outbound, endTurn, stall, take, sent, state } = rig()
    stall()
    sendPrepared(outbound, { bytes: bytes(400_000) })
    endTurn()
    endOutbound(outbound, LAST, true, true)
    for (let i = 0; i < 4; i++) {
      take()
      endTurn()
    }
    expect(shapes(sent())).toEqual([
      [0x02, 131_072],
      [0x88, 0]
    ])
    expect(state.ends).toBe(1)
  })
})
