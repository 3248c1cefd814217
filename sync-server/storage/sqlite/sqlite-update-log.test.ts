import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Base, RoomName, StageId } from '#server/rooms/open-ports.ts'
import { updateLogContract } from '#server/rooms/update-log.contract.ts'
import { temporaryFolder } from '#testing/wire/relay-process.ts'
import { openSqliteLog, type SqliteLog } from './sqlite-log.ts'

const openIn = async (directory: string, roomBytes = 1e9): Promise<SqliteLog> => {
  const opened = await openSqliteLog({
    path: join(directory, 'council.db'),
    ledgerPath: join(directory, 'erasures'),
    now: () => 0,
    rootBytes: 1e9,
    roomBytes
  })
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}

updateLogContract('sqlite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'council-rooms-'))
  const path = join(directory, 'council.db')
  let log: SqliteLog | undefined
  return {
    async open(roomBytes = 1e9) {
      log = await openIn(directory, roomBytes)
      return { ...log.updates, close: log.close }
    },
    async fill() {
      await log?.limitBytes((await stat(path)).size)
      return async () => log?.limitBytes(undefined)
    },
    async copy() {
      // All that is durable is in the file and its log.
      const copy = await mkdtemp(join(tmpdir(), 'council-rooms-copy-'))
      await cp(directory, copy, { recursive: true })
      return async () => {
        await rm(directory, { recursive: true })
        await cp(copy, directory, { recursive: true })
        await rm(copy, { recursive: true })
      }
    },
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true })
    }
  }
})

const room = 'a' as RoomName
const baseTo = (upto: number, bytes: Uint8Array): Base => ({
  upto,
  bytes,
  stateVector: new Uint8Array([1]),
  deletes: new Uint8Array([0, 0])
})

test('[UL16] what a new base took the place of is in none of the files any more', async () => {
  await using folder = await temporaryFolder()
  const log = await openIn(folder.path)
  const { updates } = log
  const marked = (size: number) => new TextEncoder().encode('words that must be gone '.repeat(size))
  const found = async (): Promise<string[]> => {
    const names = await readdir(folder.path)
    const contents = await Promise.all(names.map((name) => readFile(join(folder.path, name))))
    return names.filter((_, index) => contents[index]?.includes('that must be gone'))
  }
  await updates.append([...Array(700).keys()].map(() => ({ room, bytes: marked(3) })))
  await updates.append([{ room, bytes: marked(60_000) }])
  const replace = async (expected: number, base: Base): Promise<void> => {
    const staged = await updates.stage(room, base)
    expect(staged.ok && (await updates.adopt(room, expected, staged.value))).toMatchObject({ ok: true })
  }
  await replace(0, baseTo(700, marked(120_000)))
  // One that is never adopted goes as well.
  expect(await updates.stage(room, baseTo(701, marked(50_000)))).toMatchObject({ ok: true })
  expect(await found()).not.toEqual([])
  const clean = new Uint8Array(3_000_000).fill(7)
  await replace(700, baseTo(701, clean))
  await log.swept()
  expect(await found()).toEqual([])
  expect(await updates.readBase(room, 701)).toEqual({ ok: true, value: clean })
  await log.close()
})

test('a store that has stopped answers with a failure, never with an empty room', async () => {
  await using folder = await temporaryFolder()
  const log = await openIn(folder.path)
  await log.updates.append([{ room, bytes: new Uint8Array([1]) }])
  await log.close()
  const failure = { ok: false, error: { kind: 'store', reason: expect.any(String) } }
  expect(await log.updates.load(room)).toEqual(failure)
  expect(await log.updates.append([{ room, bytes: new Uint8Array([1]) }])).toEqual([failure])
  expect(await log.updates.readAfter(room, 0, 1)).toEqual(failure)
  expect(await log.updates.readBase(room, 1)).toEqual(failure)
  expect(await log.updates.stage(room, baseTo(1, new Uint8Array(1)))).toEqual(failure)
  expect(await log.updates.adopt(room, 0, 1 as StageId)).toEqual(failure)
})
