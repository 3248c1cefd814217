import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { err, ok, type Result } from '#core/result.ts'

/**
 * An own certificate authority and a certificate for the names of a relay at home. X.509 is made by openssl, which
 * every Linux and macOS has: a command used once in two years does not justify a library in every relay.
 */

export interface CertificateFiles {
  /** To be installed, once, on each device. */
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

/** Apple accepts no longer ones, also from an authority of one's own (support.apple.com/103769). */
const LEAF_DAYS = 820
const AUTHORITY_DAYS = 3_650

const isName = (host: string): boolean => /^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/i.test(host)

const settings = (hosts: readonly string[]): string => `
[req]
distinguished_name = name
prompt = no
[name]
CN = Sacred Council, an authority of our own
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = ${hosts.map((host) => `${isIP(host) === 0 ? 'DNS' : 'IP'}:${host}`).join(', ')}
`

const openssl = (args: readonly string[]): void => {
  execFileSync('openssl', [...args], { stdio: ['ignore', 'ignore', 'pipe'] })
}

const makeKey = (path: string): void => {
  writeFileSync(path, '', { mode: 0o600 })
  openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', path])
}

const makeAuthority = (directory: string, config: string): void => {
  const key = join(directory, 'authority-key.pem')
  // One that devices already trust stays: only the relay's own certificate is made anew.
  if (existsSync(key)) return
  makeKey(key)
  const days = String(AUTHORITY_DAYS)
  const out = join(directory, 'authority.pem')
  openssl([
    'req',
    '-x509',
    '-new',
    '-key',
    key,
    '-sha256',
    '-days',
    days,
    '-config',
    config,
    '-extensions',
    'authority',
    '-out',
    out
  ])
}

const makeLeaf = (directory: string, config: string, host: string, scratch: string): void => {
  const request = join(scratch, 'request.pem')
  const key = join(directory, 'relay-key.pem')
  makeKey(key)
  openssl(['req', '-new', '-key', key, '-subj', `/CN=${host}`, '-config', config, '-out', request])
  const authority = [
    '-CA',
    join(directory, 'authority.pem'),
    '-CAkey',
    join(directory, 'authority-key.pem'),
    '-CAcreateserial'
  ]
  const extensions = ['-sha256', '-days', String(LEAF_DAYS), '-extfile', config, '-extensions', 'leaf']
  openssl(['x509', '-req', '-in', request, ...authority, ...extensions, '-out', join(directory, 'relay.pem')])
}

/** @returns one line where it cannot be done. */
export const makeCertificate = (directory: string, hosts: readonly string[]): Result<CertificateFiles, string> => {
  const wrong = hosts.find((host) => isIP(host) === 0 && !isName(host))
  const [first] = hosts
  if (first === undefined) return err('name at least one host: --host council.local --host 192.168.1.20')
  if (wrong !== undefined) return err(`"${wrong}" is neither a host name nor an address`)
  const scratch = mkdtempSync(join(tmpdir(), 'council-cert-'))
  try {
    mkdirSync(directory, { recursive: true })
    const config = join(scratch, 'openssl.cnf')
    writeFileSync(config, settings(hosts))
    makeAuthority(directory, config)
    makeLeaf(directory, config, first.slice(0, 64), scratch)
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    return err(
      missing
        ? 'openssl is needed: install it (Debian: apt install openssl)'
        : `openssl: ${String(cause).split('\n')[0]}`
    )
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  const file = (name: string): string => join(directory, name)
  return ok({ authority: file('authority.pem'), certificate: file('relay.pem'), key: file('relay-key.pem') })
}
