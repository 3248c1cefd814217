import type { RelayName } from '#app/store/ports.ts'
import { err, ok, type Result } from '#core/result.ts'

/** Where a relay is. */
export interface RelayAddress {
  /** As AUTH signs it: lower case, with a port unless it is the scheme's default. */
  readonly name: RelayName
  /** ws(s)://host/sealed */
  readonly url: string
}

const SCHEMES: Readonly<Record<string, 'ws' | 'wss'>> = { 'ws:': 'ws', 'http:': 'ws', 'wss:': 'wss', 'https:': 'wss' }

/** RFC 1123, and the underscores of home networks. Chromium's URL takes spaces and empty labels too, and escapes them. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i

const isHost = (hostname: string): boolean =>
  hostname.startsWith('[') || (hostname.length <= 253 && hostname.split('.').every((label) => LABEL.test(label)))

/**
 * @param text host, host:port, or a ws(s)/http(s) address, as a person types it
 * @param page the page's own origin: its scheme is taken where none is typed
 */
export const parseRelayAddress = (text: string, page: string): Result<RelayAddress, 'malformed-address'> => {
  const trimmed = text.trim()
  const typed = /^[a-z]+:\/\//i.test(trimmed) ? trimmed : `${new URL(page).protocol}//${trimmed}`
  if (trimmed === '' || !URL.canParse(typed)) return err('malformed-address')
  const url = new URL(typed)
  if (!isHost(url.hostname)) return err('malformed-address')
  const scheme = SCHEMES[url.protocol]
  const bare = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (scheme === undefined || url.host === '' || !bare || (url.pathname !== '/' && url.pathname !== '/sealed'))
    return err('malformed-address')
  const name = url.host.toLowerCase() as RelayName
  return ok({ name, url: `${scheme}://${name}/sealed` })
}

/** Chosen relays as the setting has them: addresses separated by spaces, '' = the page's own, 'none' = none. */
export const chosenAddresses = ({
  page,
  relaySetting
}: {
  readonly page: string
  readonly relaySetting: { get(): string }
}): { readonly relays: readonly RelayAddress[]; readonly refused: readonly RelayAddress[] } => {
  const setting = relaySetting.get()
  const typed = setting === '' ? [page] : setting === 'none' ? [] : setting.split(' ')
  const byName = new Map<RelayName, RelayAddress>()
  for (const text of typed) {
    const address = parseRelayAddress(text, page)
    if (address.ok && !byName.has(address.value.name)) byName.set(address.value.name, address.value)
  }
  const all = [...byName.values()]
  return { relays: all.filter((each) => mayDial(each, page)), refused: all.filter((each) => !mayDial(each, page)) }
}

/** As the setting keeps it: it says the scheme, since another device may open the app over another. */
export const keptAddress = ({ url }: RelayAddress): string => url.replace(/^ws/, 'http').replace(/\/sealed$/, '')

/** A page over https may not dial plain ws, except to the machine it runs on. */
export const mayDial = (address: RelayAddress, page: string): boolean => {
  const { protocol } = new URL(page)
  const { hostname } = new URL(address.url)
  const loopback = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
  return protocol !== 'https:' || address.url.startsWith('wss:') || loopback
}

/** Whether this page may talk to it: by its scheme, and by the policy that it came with. */
export const isAllowed = async (
  { page, allows }: { readonly page: string; readonly allows?: (url: string) => Promise<boolean> },
  address: RelayAddress
): Promise<boolean> => mayDial(address, page) && (await (allows?.(address.url) ?? true))
