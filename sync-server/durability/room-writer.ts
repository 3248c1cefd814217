import { writeSync } from 'node:fs'
import process from 'node:process'
import type { RoomName } from '#server/rooms/open-ports.ts'
import { openSqliteLog } from '#server/storage/sqlite/sqlite-log.ts'

/**
 * A process that writes to the store of open rooms and says, line by line, what was durable: to be killed at any moment.
 * Rows hold their own number, a base the numbers of all rows inside it, so that a reader can tell whether one is missing.
 */

const [path = '', mode = 'append'] = process.argv.slice(2)
const room = 'room' as RoomName
/** Three parts, so that a kill can fall between two of them. */
const FILLER = ' '.repeat(2_500_000)
const ROWS_PER_ROUND = 20
const OTHER_BYTES = 300

// OFF is what a test shows to lose rows.
const synchronous = process.env.SYNCHRONOUS === 'OFF' ? 'OFF' : 'FULL'
const opened = await openSqliteLog({
  synchronous,
  path,
  ledgerPath: `${path}.erasures`,
  now: () => 0,
  rootBytes: 1e9,
  roomBytes: 1e9
})
if (!opened.ok) throw new Error(opened.error)
const { updates } = opened.value
/** Synchronous: what was said was said before the kill. */
const say = (line: string): void => {
  writeSync(1, `${line}\n`)
}
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const appendRow = async (text: string): Promise<number> => {
  const [mine, other] = await updates.append([
    { room, bytes: encode(text) },
    { room: `other ${text}` as RoomName, bytes: new Uint8Array(OTHER_BYTES).fill(7) }
  ])
  for (const each of [mine, other]) {
    if (each?.ok === false) say(`refused ${each.error.kind}`)
  }
  return mine?.ok ? mine.value.seq : 0
}

const loaded = await updates.load(room)
if (!loaded.ok) throw new Error(loaded.error.kind)
let { head } = loaded.value
let upto = loaded.value.base?.upto ?? 0
say(`loaded ${head}`)

for (;;) {
  for (let count = 0; count < ROWS_PER_ROUND; count++) {
    const seq = await appendRow(String(head + 1))
    if (seq === 0) continue
    head = seq
    say(`row ${seq}`)
  }
  if (mode !== 'compact') continue
  const numbers = Array.from({ length: head }, (_, index) => index + 1).join(' ')
  const base = { upto: head, stateVector: encode(`at ${head}`), deletes: encode(''), bytes: encode(numbers + FILLER) }
  const writing = updates.stage(room, base)
  // Appends go on meanwhile.
  const seq = await appendRow(String(head + 1))
  head = seq
  say(`row ${seq}`)
  const staged = await writing
  say(staged.ok ? `staged ${base.upto}` : `refused ${staged.error.kind}`)
  if (!staged.ok) continue
  const adopted = await updates.adopt(room, upto, staged.value)
  if (!adopted.ok) throw new Error(adopted.error.kind)
  upto = base.upto
  say(`adopted ${upto}`)
}
