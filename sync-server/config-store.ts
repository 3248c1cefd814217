import { isAbsolute, resolve } from 'node:path'
import { MEGABYTE, number, type Values, Wrong } from './config-values.ts'

/** Where a relay keeps what it took, and how it tells the other relays of that store. */

export type StoreConfig =
  /** OFF (`sqlite:<file>?synchronous=off`) loses acknowledged entries at a power cut: for tests and measurements. */
  | { readonly kind: 'sqlite'; readonly path: string; readonly synchronous: 'FULL' | 'OFF' }
  | { readonly kind: 'postgres'; readonly url: string; readonly connections: number }

export type BusConfig =
  | { readonly kind: 'memory' }
  /** LISTEN needs a connection of its own: an address without a pooler in front. */
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'nats'; readonly url: string }

const isPostgres = (url: string): boolean => /^postgres(ql)?:/.test(url)

/** Addresses may hold a password: no line repeats them. */
const postgresUrl = (name: 'DATABASE_URL' | 'BUS_URL', text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // A socket directory stands in ?host=, and then there is no host in front.
  if (url === undefined || (url.hostname === '' && !url.searchParams.has('host')) || url.pathname.length < 2)
    throw new Wrong(`${name} must be postgres://<user>:<password>@<host>[:<port>]/<database>`)
  return text
}

export const storeOf = (values: Values): StoreConfig => {
  const url = values.DATABASE_URL
  const connections = number(values, 'DATABASE_CONNECTIONS', 3, 1_000)
  if (isPostgres(url)) {
    return { kind: 'postgres', url: postgresUrl('DATABASE_URL', url), connections }
  }
  const [, path, query] = /^sqlite:(?:\/\/)?([^?]+)(\?synchronous=off)?$/.exec(url) ?? []
  if (path === undefined || path.endsWith('/')) {
    const given = url.includes('@') ? '' : `, not "${url}"`
    throw new Wrong(`DATABASE_URL must be sqlite:<file> or postgres://<host>/<database>${given}`)
  }
  const synchronous = query === undefined ? 'FULL' : 'OFF'
  return { kind: 'sqlite', path: isAbsolute(path) ? path : resolve(path), synchronous }
}

/** Bytes the store may hold; undefined = as many as the disk. @throws Wrong where nobody would keep to it */
export const storeBytesOf = (values: Values, { kind }: StoreConfig): number | undefined => {
  if (values.STORE_MEGABYTES === '') return undefined
  const bytes = number(values, 'STORE_MEGABYTES', 1, 10_000_000) * MEGABYTE
  if (kind === 'sqlite') return bytes
  throw new Wrong('STORE_MEGABYTES bounds the file of sqlite:<file>; a Postgres is bounded by its own disk')
}

const NATS_SERVERS = /^(nats|tls):\/\/[^\s,]+(,((nats|tls):\/\/)?[^\s,]+)*$/

/** @param store relays of one store hear each other; one that has its file to itself has nobody to tell. */
export const busOf = (values: Values, store: StoreConfig): BusConfig => {
  const url = values.BUS_URL
  if (url === 'memory:') return { kind: 'memory' }
  const isNats = NATS_SERVERS.test(url)
  if (!isNats && !isPostgres(url)) throw new Wrong('BUS_URL must be memory:, postgres:, postgres://… or nats://…')
  if (store.kind !== 'postgres')
    throw new Wrong(
      'BUS_URL joins the relays of one store: it needs a DATABASE_URL that relays can share, postgres://…'
    )
  if (isNats) return { kind: 'nats', url }
  return { kind: 'postgres', url: url === 'postgres:' ? store.url : postgresUrl('BUS_URL', url) }
}
