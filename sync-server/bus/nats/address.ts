/** Where the brokers are and how to enter, from one line of configuration. */
export interface NatsAddress {
  readonly servers: readonly string[]
  readonly user?: string
  readonly pass?: string
  readonly token?: string
  readonly isTls: boolean
  /** First part of all subjects: hosts that share brokers keep apart by it. */
  readonly prefix: string
}

const DEFAULT_PREFIX = 'council'
const DEFAULT_PORT = '4222'
const NOT_IN_A_PREFIX = /[^A-Za-z0-9_-]/g

const readUrl = (text: string): URL => new URL(text.includes('://') ? text : `nats://${text}`)

/**
 * @param text nats://[user:password@ or token@]host[:port][/prefix], several with commas between; tls:// where the broker must
 * speak TLS. Name, password and prefix are read from the first.
 * @throws TypeError where it is no address
 */
export const parseNatsAddress = (text: string): NatsAddress => {
  const urls = text.split(',').map((each) => readUrl(each.trim()))
  const [first] = urls
  const user = decodeURIComponent(first?.username ?? '')
  const pass = decodeURIComponent(first?.password ?? '')
  const prefix = (first?.pathname ?? '').replaceAll(NOT_IN_A_PREFIX, '')
  return {
    servers: urls.map((url) => `${url.hostname}:${url.port || DEFAULT_PORT}`),
    ...(user !== '' && pass !== '' ? { user, pass } : user !== '' ? { token: user } : {}),
    isTls: urls.some((url) => url.protocol === 'tls:'),
    prefix: prefix === '' ? DEFAULT_PREFIX : prefix
  }
}
