import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'

const root = resolve(import.meta.dirname, '../..')

export type OwnCertificate = {
  readonly certPath: string
  readonly keyPath: string
  /** Makes Chromium trust this one key and nothing else, as a device does on which the authority was installed. */
  readonly browserArg: string
}

/** Made by the command that a host is told to use. */
export const makeCertificate = (folder: string, host: string): OwnCertificate => {
  const said = execFileSync(
    process.execPath,
    [join(root, 'sync-server/cli/relay.ts'), 'cert', '--host', host, '--out', folder],
    {
      encoding: 'utf8'
    }
  )
  const certPath = /TLS_CERT=(\S+)/.exec(said)?.[1]
  const keyPath = /TLS_KEY=(\S+)/.exec(said)?.[1]
  if (certPath === undefined || keyPath === undefined)
    throw new Error(`No certificate: ${said} ${readdirSync(folder).join(' ')}`)
  const { publicKey } = new X509Certificate(readFileSync(certPath))
  const digest = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')
  return { certPath, keyPath, browserArg: `--ignore-certificate-errors-spki-list=${digest}` }
}
