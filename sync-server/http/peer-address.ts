import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'

/**
 * The address limits are counted by. X-Forwarded-For is a claim of whoever sent it: only the entries that trusted proxies
 * added, counted from the right, are believed.
 * @param trustProxy number of proxies in front; 0 = the header is not read.
 */
export const peerAddress = (request: IncomingMessage, trustProxy: number): string => {
  const direct = request.socket.remoteAddress ?? 'unknown'
  if (trustProxy === 0) return networkOf(direct)
  const header = request.headers['x-forwarded-for']
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '')
  return networkOf(hops.at(-trustProxy) ?? hops[0] ?? direct)
}

/** One household has a /64 of IPv6 addresses; it counts as one. */
const networkOf = (address: string): string => {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  return `${[...left, ...middle, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
