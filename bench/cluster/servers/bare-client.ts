import { randomBytes } from 'node:crypto'
import process from 'node:process'
import pg from 'pg'

/**
 * What a lone push would cost without a relay: a bare client of this runtime calls the function that appends one entry, again and again, each
 * time when the answer to the last is there. `bare-client.ts <database> <seconds> <bytes>`; prints calls a second, named and not, as JSON.
 */

const [databaseUrl = '', seconds = '1', bytes = '0'] = process.argv.slice(2)
const ROOT = 'bare-client-of-the-benc'.slice(0, 22)
const SHARD = `\\x${'00'.repeat(15)}01`
const ROOT_BYTES = Number.MAX_SAFE_INTEGER
const TEXT = 'SELECT council.append_entry($1, $2, $3, $4, $5)'
const WARM = 300

const client = new pg.Client({ connectionString: databaseUrl })
await client.connect()
await client.query('SELECT council.adopt_root($1, 0, $2)', [ROOT, randomBytes(32)])

const append = async (named: { readonly name?: string }): Promise<void> => {
  const values = [randomBytes(Number(bytes)), ROOT, SHARD, 0, ROOT_BYTES]
  const { rows } = await client.query<unknown[]>({ ...named, text: TEXT, values, rowMode: 'array' })
  if (rows[0]?.[0] === null) throw new Error('refused')
}

const rateOf = async (named: { readonly name?: string }): Promise<number> => {
  for (let n = 0; n < WARM; n++) await append(named)
  const begun = performance.now()
  const until = begun + (Number(seconds) * 1_000) / 2
  let count = 0
  for (; performance.now() < until; count++) await append(named)
  return (count * 1_000) / (performance.now() - begun)
}

const unnamed = await rateOf({})
const named = await rateOf({ name: 'append' })
await client.end()
process.stdout.write(JSON.stringify({ named, unnamed }))
