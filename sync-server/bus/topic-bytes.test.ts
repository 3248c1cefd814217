import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesToTopic, topicToBytes } from './topic-bytes.ts'

test('[BU2] a topic comes back from its bytes, whatever it is', () => {
  const units = fc.array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd7f0, max: 0xe010 })))
  const topic = fc.oneof(
    fc.string({ unit: 'binary' }),
    units.map((each) => String.fromCharCode(...each))
  )
  fc.assert(
    fc.property(topic, (each) => {
      expect(bytesToTopic(topicToBytes(each))).toBe(each)
    })
  )
  expect(bytesToTopic(topicToBytes('\uFEFFa'))).toBe('\uFEFFa')
})
