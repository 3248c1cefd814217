/** Whether a request may read the metrics. */
export interface MetricsVisitor {
  readonly remoteAddress: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

const LOOPBACK = /^(::ffff:)?127(\.\d+){3}$|^::1$/
/** What proxies add: somebody else asks through this machine. One that adds none of them makes strangers look local. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']

export const mayReadMetrics = (readers: 'off' | 'local' | 'public', visitor: MetricsVisitor): boolean => {
  if (readers !== 'local') return readers === 'public'
  return LOOPBACK.test(visitor.remoteAddress ?? '') && FORWARDED.every((name) => visitor.headers[name] === undefined)
}
