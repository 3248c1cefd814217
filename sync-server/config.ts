import { resolve } from 'node:path'
import { err, ok, type Result } from '#core/result.ts'
import { type BusConfig, busOf, type StoreConfig, storeBytesOf, storeOf } from './config-store.ts'
import { choice, list, MEGABYTE, number, readValues, type Values, Wrong, webUrl } from './config-values.ts'

/** The environment and the flags, read once. A flag `--public-url` is the variable PUBLIC_URL and wins over it. */

export interface Config {
  readonly host: string
  readonly port: number
  /** Addresses people reach this relay by; empty = the loopback names with the port it listens on. */
  readonly publicUrls: readonly URL[]
  readonly store: StoreConfig
  readonly bus: BusConfig
  readonly admission: { readonly kind: 'open' } | { readonly kind: 'voucher'; readonly vouchers: readonly string[] }
  readonly tls: { readonly certPath: string; readonly keyPath: string } | undefined
  readonly connectOrigins: readonly string[]
  readonly graveyardDays: number
  readonly backupDays: number
  readonly hostContact: string
  readonly rootBytes: number
  /** Largest size of the database file; undefined = as large as the disk. */
  readonly storeBytes: number | undefined
  readonly openRooms: OpenRooms
  /** Bytes an open room may hold. */
  readonly roomBytes: number
  /** Who may read /metrics: nobody, this machine, or whoever can reach the relay. */
  readonly metrics: MetricsReaders
  readonly connectionsPerAddress: number
  /** Frames a socket may send a second; ten times as many at once. */
  readonly framesPerSecond: number
  /** How many proxies in front may be believed about the address of a peer. */
  readonly trustProxy: number
  readonly logLevel: LogLevel
  readonly appPath: string
}

export interface OpenRooms {
  /** open: everybody writes; read: everybody reads; token: nobody without one; off: nobody. */
  readonly policy: (typeof OPEN_POLICIES)[number]
  /** Signs tokens; undefined = a secret made beside the database. */
  readonly secret: string | undefined
  /** Further pages that may connect without a token; '*' = all. */
  readonly origins: readonly string[] | '*'
}

const OPEN_POLICIES = ['open', 'read', 'token', 'off'] as const
const METRICS_READERS = ['off', 'local', 'public'] as const
export type MetricsReaders = (typeof METRICS_READERS)[number]

/** Where the build puts it, wherever the relay is started from; a path that a host gives counts from where they stand. */
const BUILT_APP = resolve(import.meta.dirname, '../dist/app')

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1|\[::1\])$/

export const isLoopback = (host: string): boolean => LOOPBACK.test(host)

/** Only this machine can reach the relay. */
const isPrivate = (values: Values, publicUrls: readonly URL[]): boolean =>
  isLoopback(values.HOST) && publicUrls.every((url) => isLoopback(url.hostname))

const admission = (values: Values, publicUrls: readonly URL[]): Config['admission'] => {
  const vouchers = list(values.VOUCHERS)
  const kind = values.ADMISSION || (isPrivate(values, publicUrls) && vouchers.length === 0 ? 'open' : 'voucher')
  if (kind === 'open') return { kind }
  if (kind !== 'voucher') throw new Wrong(`ADMISSION must be open or voucher, not "${kind}"`)
  if (vouchers.length === 0) {
    throw new Wrong(
      'VOUCHERS is needed where others can reach this relay (or ADMISSION=open to let anybody keep data here)'
    )
  }
  const short = vouchers.find((voucher) => voucher.length < 8)
  if (short !== undefined) throw new Wrong('VOUCHERS must have at least 8 characters each')
  return { kind, vouchers }
}

/** 32 characters of base64 are 192 bits. */
const MIN_SECRET = 32

const openRooms = (values: Values, admissionKind: Config['admission']['kind']): OpenRooms => {
  const secret = values.OPEN_ROOMS_SECRET || undefined
  if (secret !== undefined && secret.length < MIN_SECRET)
    throw new Wrong(`OPEN_ROOMS_SECRET must have at least ${MIN_SECRET} characters`)
  const origins = list(values.OPEN_ORIGINS)
  const fallback = admissionKind === 'open' ? 'open' : 'token'
  return {
    policy: values.OPEN_ROOMS === '' ? fallback : choice(values, 'OPEN_ROOMS', OPEN_POLICIES),
    secret,
    origins: origins.includes('*') ? '*' : origins.map((text) => webUrl('OPEN_ORIGINS', text).origin)
  }
}

const metricsReaders = (values: Values, publicUrls: readonly URL[]): MetricsReaders => {
  if (values.METRICS !== '') return choice(values, 'METRICS', METRICS_READERS)
  // A proxy on this machine makes everybody look local: where there may be one, the host has to say so.
  return isPrivate(values, publicUrls) && values.TRUST_PROXY === '0' ? 'local' : 'off'
}

const tls = (values: Values): Config['tls'] => {
  const { TLS_CERT: certPath, TLS_KEY: keyPath } = values
  if (certPath === '' && keyPath === '') return undefined
  if (certPath === '' || keyPath === '') throw new Wrong('TLS_CERT and TLS_KEY belong together')
  return { certPath, keyPath }
}

/** @returns the refusal as one line. */
export const parseConfig = (
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[]
): Result<Config, string> => {
  try {
    const values = readValues(env, args)
    const publicUrls = list(values.PUBLIC_URL).map((text) => webUrl('PUBLIC_URL', text))
    const admitted = admission(values, publicUrls)
    const store = storeOf(values)
    return ok({
      host: values.HOST,
      port: number(values, 'PORT', 0, 65_535),
      publicUrls,
      store,
      bus: busOf(values, store),
      admission: admitted,
      openRooms: openRooms(values, admitted.kind),
      roomBytes: number(values, 'ROOM_MEGABYTES', 1, 100_000) * MEGABYTE,
      metrics: metricsReaders(values, publicUrls),
      tls: tls(values),
      connectOrigins: list(values.CONNECT_ORIGINS).map((text) => webUrl('CONNECT_ORIGINS', text).origin),
      graveyardDays: number(values, 'GRAVEYARD_DAYS', 0, 3_650),
      backupDays: number(values, 'BACKUP_DAYS', 0, 3_650),
      hostContact: values.HOST_CONTACT,
      rootBytes: number(values, 'ROOT_MEGABYTES', 1, 1_000_000) * MEGABYTE,
      storeBytes: storeBytesOf(values, store),
      connectionsPerAddress: number(values, 'CONNECTIONS_PER_ADDRESS', 1, 1_000_000),
      framesPerSecond: number(values, 'FRAMES_PER_SECOND', 10, 1_000_000),
      trustProxy: number(values, 'TRUST_PROXY', 0, 10),
      logLevel: choice(values, 'LOG_LEVEL', LOG_LEVELS),
      appPath: values.APP_DIR === '' ? BUILT_APP : resolve(values.APP_DIR)
    })
  } catch (cause) {
    if (cause instanceof Wrong) return err(cause.message)
    throw cause
  }
}
