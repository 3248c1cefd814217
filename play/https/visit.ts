import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import {
  expectLine,
  expectOnRelay,
  expectSafe,
  expectWhole,
  goTo,
  readPhrase,
  takeOver,
  writeLine
} from '#e2e/harness/person.ts'
import { openProfile } from '#e2e/harness/profile.ts'

/** A person on one of the machines: `visit.ts <url> <authority.pem> <voucher>`. Says what was seen, line by line. */
const [url = '', authority = '', voucher = ''] = process.argv.slice(2)

/** Chromium reads a person's own authorities from the NSS database in their home. */
const home = mkdtempSync(join(tmpdir(), 'council-home-'))
process.env.HOME = home

const stranger = await openProfile()
const refused = await stranger.page(url).then(
  () => 'nothing',
  (cause: unknown) => /net::(\w+)/.exec(String(cause))?.[1] ?? String(cause)
)
await stranger.remove()
if (refused !== 'ERR_CERT_AUTHORITY_INVALID') throw new Error(`without the authority the browser said ${refused}`)
console.log('before the authority is installed the browser refuses the page')

const database = join(home, '.pki/nssdb')
mkdirSync(database, { recursive: true })
execFileSync('certutil', ['-d', `sql:${database}`, '-N', '--empty-password'])
execFileSync('certutil', ['-d', `sql:${database}`, '-A', '-t', 'C,,', '-n', 'council', '-i', authority])

const a = await openProfile({ phone: true })
const onA = await a.page(url)
await expectWhole(onA)
console.log('after it, the app is there to stay')
await a.context().setOffline(true)
await onA.reload()
await writeLine(onA, 'written with no network')
await a.context().setOffline(false)
await expectSafe(onA, /takes no new journals without an invitation/)
await onA.getByRole('textbox', { name: "The host's invitation word" }).fill(voucher)
await onA.getByRole('button', { name: 'Use this word' }).click()
await expectOnRelay(onA)
console.log('a line written offline is on the relay, with the invitation word')

const words = await readPhrase(onA)
const b = await openProfile()
const onB = await b.page(url)
await takeOver(onB, words, url)
await goTo(onB, 'Journal')
await expectLine(onB, 'written with no network')
await writeLine(onB, 'and answered')
await goTo(onA, 'Journal')
await expectLine(onA, 'and answered')
console.log('a second browser has it by the twelve words, and what it answers is on the first')
const complaints = [...a.complaints(), ...b.complaints()]
await a.remove()
await b.remove()
if (complaints.length > 0) throw new Error(complaints.join('\n'))
