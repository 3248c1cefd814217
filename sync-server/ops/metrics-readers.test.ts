import { expect, test } from 'vitest'
import { mayReadMetrics } from './metrics-readers.ts'

const from = (remoteAddress: string | undefined, headers: Record<string, string> = {}) => ({ remoteAddress, headers })

test('local: this machine itself, not who comes through a proxy on it', () => {
  for (const own of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])
    expect(mayReadMetrics('local', from(own))).toBe(true)
  for (const other of ['192.168.1.7', '10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1', '127.0.0.1.example', undefined])
    expect(mayReadMetrics('local', from(other))).toBe(false)
  for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])
    expect(mayReadMetrics('local', from('127.0.0.1', { [name]: '203.0.113.9' }))).toBe(false)
})

test('public: everybody; off: nobody', () => {
  expect(mayReadMetrics('public', from('203.0.113.9'))).toBe(true)
  expect(mayReadMetrics('off', from('127.0.0.1'))).toBe(false)
})
