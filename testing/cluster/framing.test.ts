import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Framing, natsFraming, postgresFraming } from './framing.ts'

const framesOf = (framing: Framing, bytes: Buffer): { readonly text: string; readonly isMessage: boolean }[] => {
  const frames = []
  let rest = bytes
  for (let frame = framing(rest); frame !== undefined; frame = framing(rest)) {
    frames.push({ text: frame.bytes.toString('latin1'), isMessage: frame.isMessage })
    rest = rest.subarray(frame.bytes.byteLength)
  }
  return frames
}

test('what NATS carries is told from what keeps the connection, by its length and not by what it says', () => {
  const stream = [
    'INFO {"max_payload":1048576}\r\n',
    'PING\r\n',
    'MSG room 9 11\r\nMSG x 1 2\r\n\r\n',
    'PUB room inbox 0\r\n\r\n',
    'HMSG room 9 12 14\r\nNATS/1.0\r\n\r\nhi\r\n',
    '+OK\r\n'
  ]
  const frames = framesOf(natsFraming, Buffer.from(stream.join('')))
  expect(frames.map(({ text }) => text)).toEqual(stream)
  expect(frames.map(({ isMessage }) => isMessage)).toEqual([false, false, true, true, true, false])
})

const typed = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeUInt32BE(body.byteLength + 4, 1)
  return Buffer.concat([head, body])
}

const notification = (channel: string, payload: string): Buffer =>
  typed('A', Buffer.concat([Buffer.alloc(4), Buffer.from(`${channel}\0${payload}\0`)]))

test('notifications of one channel are told from all else that Postgres sends', () => {
  const stream = [
    typed('R', Buffer.alloc(4)),
    notification('bus', 'A'),
    notification('bus_too', 'bus'),
    typed('D', Buffer.from('A\0\0\0\x08bus')),
    notification('bus', '')
  ]
  const frames = framesOf(postgresFraming('bus'), Buffer.concat(stream))
  expect(frames.map(({ text }) => text)).toEqual(stream.map((each) => each.toString('latin1')))
  expect(frames.map(({ isMessage }) => isMessage)).toEqual([false, true, false, false, true])
})

test('a frame is none until its last byte is there', () => {
  const whole = [
    [natsFraming, Buffer.from('MSG room 9 4\r\n\r\n\r\n\r\n')],
    [postgresFraming('bus'), notification('bus', 'hello')]
  ] as const
  fc.assert(
    fc.property(fc.constantFrom(...whole), fc.double({ min: 0, max: 1, noNaN: true }), ([framing, bytes], part) => {
      const cut = Math.min(Math.floor(part * bytes.byteLength), bytes.byteLength - 1)
      expect(framing(bytes.subarray(0, cut))).toBeUndefined()
      expect(framing(bytes)?.bytes).toEqual(bytes)
    })
  )
})
