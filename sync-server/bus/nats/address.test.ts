import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseNatsAddress } from './address.ts'
import { lossSubject, topicToSubject } from './subjects.ts'

test.each([
  ['nats://host', { servers: ['host:4222'], isTls: false, prefix: 'council' }],
  ['nats://a:1,nats://b:2', { servers: ['a:1', 'b:2'], isTls: false, prefix: 'council' }],
  ['nats://a:1, b', { servers: ['a:1', 'b:4222'], isTls: false, prefix: 'council' }],
  ['tls://u:p%40ss@h:7/east', { servers: ['h:7'], user: 'u', pass: 'p@ss', isTls: true, prefix: 'east' }],
  ['nats://t0ken@h', { servers: ['h:4222'], token: 't0ken', isTls: false, prefix: 'council' }],
  ['nats://[::1]:5/', { servers: ['[::1]:5'], isTls: false, prefix: 'council' }]
])('[BU22] %s says where the brokers are and how to enter', (text, address) => {
  expect(parseNatsAddress(text)).toEqual(address)
})

test('[BU24] a subject is one token of plain characters after the prefix; different topics have different ones', () => {
  const topic = fc.string({ unit: 'binary', maxLength: 40 })
  fc.assert(
    fc.property(topic, topic, (one, other) => {
      expect(topicToSubject('council', one)).toMatch(/^council\.t[A-Za-z0-9_-]*$/)
      expect(topicToSubject('council', one) === topicToSubject('council', other)).toBe(one === other)
      expect(topicToSubject('council', one)).not.toBe(lossSubject('council'))
    })
  )
})
