/** What a browser is allowed to do with the app this relay serves. */

export interface HeaderOptions {
  /** Further relays the app may talk to. */
  readonly connectOrigins: readonly string[]
  readonly isTls: boolean
}

/** `https://other.example` also stands for its WebSocket. */
const withSockets = (origin: string): string => `${origin} ${origin.replace(/^http/, 'ws')}`

const contentPolicy = ({ connectOrigins }: HeaderOptions): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self' blob:",
    ["connect-src 'self'", ...connectOrigins.map(withSockets)].join(' '),
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types council'
  ].join('; ')

const PERMISSIONS = [
  // Known to Chromium from 104 where it has Web Bluetooth at all; on Linux it has none, and names the word as unknown in the console.
  'bluetooth=(self)',
  'screen-wake-lock=(self)',
  'camera=(self)',
  'microphone=()',
  'geolocation=()',
  'payment=()',
  'usb=()',
  'browsing-topics=()'
].join(', ')

export const securityHeaders = (options: HeaderOptions): Readonly<Record<string, string>> => ({
  'content-security-policy': contentPolicy(options),
  'permissions-policy': PERMISSIONS,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  // Only the certificate's owner can promise it; over plain http browsers ignore it.
  ...(options.isTls ? { 'strict-transport-security': 'max-age=31536000' } : {})
})
