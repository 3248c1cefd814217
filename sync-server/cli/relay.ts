import process from 'node:process'
import { parseArgs } from 'node:util'
import { openSecrets } from '#server/compose/relay-store.ts'
import { type Config, parseConfig } from '#server/config.ts'
import { openRoomsSecret } from '#server/ops/key-file.ts'
import { makeCertificate } from './certificate.ts'
import { makeToken } from './token.ts'

const USAGE = `Usage:
  npm run relay -- cert --host <name or address> [--host …] [--out <directory>]
      an authority of your own and a certificate for a relay at home (default directory: data/tls)
  npm run relay -- token --room <name or prefix*> [--access read|write] [--hours <number>]
      a token that opens a room, or all that begin alike (default: read, 24 hours); reads the relay's own settings`

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

/** As the relay finds it, whether or not one runs. */
const storedSecret = async ({ store }: Config): Promise<string> => {
  const secrets = await openSecrets(store)
  if (!secrets.ok) throw new Error(`DATABASE_URL: ${secrets.error.line}`)
  try {
    return await openRoomsSecret(secrets.value)
  } finally {
    await secrets.value.close()
  }
}

const token = async (args: readonly string[]): Promise<void> => {
  const text = (fallback: string) => ({ type: 'string' as const, default: fallback })
  const { values } = parseArgs({
    args: [...args],
    options: { room: text(''), access: text('read'), hours: text('24') }
  })
  const config = parseConfig(process.env, [])
  if (!config.ok) throw new Error(config.error)
  const made = makeToken(config.value.openRooms.secret ?? (await storedSecret(config.value)), values, Date.now())
  if (!made.ok) throw new Error(made.error)
  console.log(made.value)
  console.error(
    'It goes into the address as ?token=…; with y-websocket: new WebsocketProvider(url, room, doc, { params: { token } })'
  )
}

const [command, ...rest] = process.argv.slice(2)
try {
  if (command === 'cert') cert(rest)
  else if (command === 'token') await token(rest)
  else if (command === '--help') console.log(USAGE)
  else fail(USAGE)
} catch (cause) {
  fail(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`)
}
