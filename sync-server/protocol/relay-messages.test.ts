import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesToHex } from '#core/bytes.ts'
import { decodeRelayMessage, encodeRelayMessage, isOwnMessage, originKey, type RelayMessage } from './relay-messages.ts'

const origin = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])
const bytes = (...list: number[]): Uint8Array => new Uint8Array(list)

const EXAMPLES: readonly (readonly [message: RelayMessage, body: string])[] = [
  [
    { kind: 'hint', seq: 300, mark: 2 ** 48 - 1, before: 128, rows: [bytes(7), bytes(8, 9)] },
    '01 ac02 ffffffffffff3f 8001 02 01 07 02 0809'
  ],
  [
    { kind: 'presence', full: true, asks: true, order: 5, released: [200], update: bytes(1, 1, 0) },
    '02 03 05 01 c801 03 010100'
  ],
  [{ kind: 'presence', full: false, asks: false, order: 6, released: [], update: bytes() }, '02 00 06 00 00'],
  [{ kind: 'departed', clients: [[9, 130]] }, '03 01 09 8201'],
  [{ kind: 'ephemeral', frames: [{ sender: 3, frame: bytes(5, 5) }] }, '04 01 03 02 0505'],
  [{ kind: 'peers', count: 2, asks: true }, '05 02 01'],
  [{ kind: 'erased', proof: bytes(1, 2) }, '06 02 0102'],
  [{ kind: 'alive' }, '07'],
  [{ kind: 'left' }, '08']
]

test('[MR13] messages are byte-exact, and come back', () => {
  for (const [message, body] of EXAMPLES) {
    const encoded = encodeRelayMessage(origin, message)
    const plain = body.replaceAll(' ', '')
    expect(bytesToHex(encoded)).toBe(`${plain.slice(0, 2)}0102030405060708${plain.slice(2)}`)
    expect(decodeRelayMessage(encoded)).toEqual({ ok: true, value: { origin: originKey(origin), message } })
  }
})

test('[MR13] own messages are told by the origin', () => {
  const encoded = encodeRelayMessage(origin, { kind: 'alive' })
  expect(isOwnMessage(origin, encoded)).toBe(true)
  for (let i = 0; i < 8; i++) {
    const other = origin.slice()
    other[i] = 99
    expect(isOwnMessage(other, encoded)).toBe(false)
  }
})

test('[MR13] what is cut short, too long or unknown is malformed, and any bytes are one or the other', () => {
  for (const [message] of EXAMPLES) {
    const encoded = encodeRelayMessage(origin, message)
    for (let size = 0; size < encoded.byteLength; size++) {
      expect(decodeRelayMessage(encoded.subarray(0, size)).ok).toBe(false)
    }
    expect(decodeRelayMessage(new Uint8Array([...encoded, 0])).ok).toBe(false)
  }
  for (const kind of [0, 9, 200]) expect(decodeRelayMessage(new Uint8Array([kind, ...origin])).ok).toBe(false)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      const decoded = decodeRelayMessage(noise)
      if (decoded.ok)
        expect(encodeRelayMessage(noise.subarray(1, 9), decoded.value.message).byteLength).toBeGreaterThan(8)
    })
  )
})
