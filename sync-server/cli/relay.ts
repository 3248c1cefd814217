import process from 'node:process'
import { parseArgs } from 'node:util'
import { makeCertificate } from './certificate.ts'

const USAGE = `Usage:
  npm run relay -- cert --host <name or address> [--host …] [--out <directory>]
      an authority of your own and a certificate for a relay at home (default directory: data/tls)`

const fail = (line: string): never => {
  console.error(line)
  process.exit(2)
}

const cert = (args: readonly string[]): void => {
  const { values } = parseArgs({
    args: [...args],
    options: { host: { type: 'string', multiple: true, default: [] }, out: { type: 'string', default: 'data/tls' } }
  })
  const made = makeCertificate(values.out, values.host)
  if (!made.ok) throw new Error(made.error)
  const { authority, certificate, key } = made.value
  console.log(`Install on each device, once: ${authority}`)
  console.log(`Then start the relay with   : TLS_CERT=${certificate} TLS_KEY=${key}`)
  console.log('Keep authority-key.pem to yourself: who has it can pretend to be any site to those devices.')
}

const [command, ...rest] = process.argv.slice(2)
try {
  if (command === 'cert') cert(rest)
  else fail(USAGE)
} catch (cause) {
  fail(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`)
}
