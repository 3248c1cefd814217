import { networkInterfaces } from 'node:os'
import type { Config } from '#server/config.ts'
import { isLoopback } from '#server/config.ts'

export interface OwnAddresses {
  /** What AUTH may name and pages may come from. */
  readonly accepted: readonly URL[]
  /** Where a browser on this network could try, though AUTH would not accept it. */
  readonly others: readonly URL[]
}

const url = (scheme: string, host: string, port: number): URL =>
  new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`)

const networkHosts = (): readonly string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family, address }) => !internal && (family === 'IPv4' || !address.startsWith('fe80')))
    .map(({ address }) => address)

/** @param port the one it listens on. */
export const ownAddresses = ({ host, publicUrls }: Config, isTls: boolean, port: number): OwnAddresses => {
  const scheme = isTls ? 'https' : 'http'
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const local = isEverywhere || isLoopback(host) ? ['localhost', '127.0.0.1', '::1'] : [host]
  const network = isEverywhere ? networkHosts() : []
  if (publicUrls.length > 0) return { accepted: publicUrls, others: network.map((each) => url(scheme, each, port)) }
  // Over TLS the host has made a certificate for some of these names: all may be dialled.
  const accepted = [...local, ...(isTls ? network : [])].map((each) => url(scheme, each, port))
  return { accepted, others: isTls ? [] : network.map((each) => url(scheme, each, port)) }
}

/** W3C Secure Contexts, section 3.1: https, or a loopback name. */
export const isSecureContext = (address: URL): boolean => address.protocol === 'https:' || isLoopback(address.hostname)

const fate = (address: URL, isAccepted: boolean): string => {
  if (!isSecureContext(address))
    return 'opens and breathes; a browser there cannot keep data or sync (plain http: see docs/host.md)'
  return isAccepted ? 'a browser there can keep data and sync' : 'keeps data, but does not sync: add it to PUBLIC_URL'
}

const OPEN_WORDS: Readonly<Record<Config['openRooms']['policy'], string>> = {
  open: 'anybody writes',
  read: 'anybody reads, a token writes',
  token: 'who holds a token',
  off: 'none'
}

/** Never the address as given: it may hold a password. */
const placeOf = (store: Config['store']): string => {
  if (store.kind === 'sqlite') return store.path
  const { hostname, pathname, searchParams } = new URL(store.url)
  return `Postgres at ${hostname || searchParams.get('host')}, database ${decodeURIComponent(pathname.slice(1))}`
}

/** What the host reads at start: one line an address. */
export const startLines = (own: OwnAddresses, config: Config, isBuilt: boolean): readonly string[] => {
  const line = (address: URL, isAccepted: boolean): string => `  ${address.origin}  ${fate(address, isAccepted)}`
  return [
    'Sacred Council relay',
    ...own.accepted.map((address) => line(address, true)),
    ...own.others.map((address) => line(address, false)),
    `  data in ${placeOf(config.store)}; who may begin to keep data here: ${config.admission.kind === 'open' ? 'anybody' : 'who holds a voucher'}`,
    `  open rooms for other Yjs programs at /y/<room>: ${OPEN_WORDS[config.openRooms.policy]}`,
    ...(config.store.kind !== 'sqlite' || config.store.synchronous === 'FULL'
      ? []
      : ['  synchronous=off: a power cut loses what was acknowledged']),
    ...(isBuilt ? [] : [`  no app in ${config.appPath}: npm run build`])
  ]
}
