import { hash } from 'node:crypto'

/** The opening handshake of RFC 6455, section 4.2. No extension is ever agreed on. */

export interface UpgradeRequest {
  readonly method?: string | undefined
  readonly httpVersion: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface Offer {
  readonly key: string
  readonly protocols: readonly string[]
}

export interface HttpRefusal {
  readonly status: string
  readonly headers?: Readonly<Record<string, string>>
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** Base64 of 16 bytes. */
const KEY = /^[+/0-9A-Za-z]{22}==$/
/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

const BAD: HttpRefusal = { status: '400 Bad Request' }

const single = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '')

/** @returns the names in order; undefined where one is no name or stands twice */
const parseProtocols = (header: string | string[] | undefined): readonly string[] | undefined => {
  if (header === undefined) return []
  const names = single(header)
    .split(',')
    .map((name) => name.trim())
  return names.every((name) => TOKEN.test(name)) && new Set(names).size === names.length ? names : undefined
}

export const readOffer = ({ method, httpVersion, headers }: UpgradeRequest): Offer | HttpRefusal => {
  if (method !== 'GET' || httpVersion !== '1.1' || single(headers.upgrade).toLowerCase() !== 'websocket') return BAD
  if (headers['sec-websocket-version'] !== '13')
    return { status: '426 Upgrade Required', headers: { 'Sec-WebSocket-Version': '13' } }
  const key = single(headers['sec-websocket-key'])
  const protocols = parseProtocols(headers['sec-websocket-protocol'])
  return KEY.test(key) && protocols !== undefined ? { key, protocols } : BAD
}

/** @param protocol one of those offered */
export const acceptance = (key: string, protocol: string | undefined): string => {
  const accept = hash('sha1', key + GUID, 'base64')
  const chosen = protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`
}

export const refusal = ({ status, headers = {} }: HttpRefusal): string =>
  `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
