import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { peerAddress } from './peer-address.ts'

const request = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  }) as IncomingMessage

test('a forwarded address is believed only from as many proxies as there are', () => {
  expect(peerAddress(request('10.0.0.1', '1.2.3.4'), 0)).toBe('10.0.0.1')
  expect(peerAddress(request('10.0.0.1', '6.6.6.6, 1.2.3.4'), 1)).toBe('1.2.3.4')
  expect(peerAddress(request('10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2'), 2)).toBe('1.2.3.4')
  expect(peerAddress(request('10.0.0.1'), 1)).toBe('10.0.0.1')
})

test('a household of IPv6 counts as one, and IPv4 in IPv6 as itself', () => {
  expect(peerAddress(request('::ffff:10.0.0.1'), 0)).toBe('10.0.0.1')
  const [one, two] = ['2001:db8:1:2:aaaa::1', '2001:db8:1:2::9'].map((each) => peerAddress(request(each), 0))
  expect(one).toBe('2001:db8:1:2::/64')
  expect(two).toBe(one)
  expect(peerAddress(request('2001:db8:1:3::9'), 0)).not.toBe(one)
  expect(peerAddress(request('::1'), 0)).toBe('0:0:0:0::/64')
})
