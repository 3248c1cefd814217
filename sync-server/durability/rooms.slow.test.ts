import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import type { RoomName } from '#server/rooms/open-ports.ts'
import { openSqliteLog } from '#server/storage/sqlite/sqlite-log.ts'
import { temporaryFolder } from '#testing/wire/relay-process.ts'
import { buildShim, losePower, settle } from './power.ts'
import { createTrace } from './trace.ts'

const room = 'room' as RoomName
/** The writer says it on its standard output, and only after the answer. */
const ROW = /write\(1<.*"row /
const WRITER = join(import.meta.dirname, 'room-writer.ts')

interface WriterOptions {
  readonly folder: string
  readonly mode: 'append' | 'compact'
  readonly env?: Readonly<Record<string, string>>
  readonly wrapper?: readonly string[]
}

const startWriter = ({ folder, mode, env = {}, wrapper = [] }: WriterOptions): ChildProcess => {
  const [command = process.execPath, ...args] = [...wrapper, process.execPath, WRITER, join(folder, 'council.db'), mode]
  return spawn(command, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true
  })
}

const kill = (child: ChildProcess): void => {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
    process.kill(-child.pid, 'SIGKILL')
}

/** Reads what the writer says until it is dead. @returns the highest row it called durable. */
const follow = async (child: ChildProcess, onLine: (line: string, count: number) => void): Promise<number> => {
  if (child.stdout === null) throw new Error('no output to read')
  const gone = once(child, 'exit')
  let top = 0
  let count = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const [, seq] = /^row (\d+)$/.exec(line) ?? []
    if (seq !== undefined) top = Number(seq)
    onLine(line, ++count)
  }
  await gone
  return top
}

/** What is there after the start: each row names itself, the base names the rows inside it. */
const readRoom = async (folder: string) => {
  const path = join(folder, 'council.db')
  const opened = await openSqliteLog({
    path,
    ledgerPath: `${path}.erasures`,
    now: () => 0,
    rootBytes: 1e9,
    roomBytes: 1e9
  })
  if (!opened.ok) throw new Error(opened.error)
  const { updates } = opened.value
  const loaded = await updates.load(room)
  if (!loaded.ok) throw new Error(loaded.error.kind)
  const { head, base } = loaded.value
  const read = base && (await updates.readBase(room, base.upto))
  if (read?.ok === false) throw new Error(read.error.kind)
  const text = new TextDecoder().decode(read?.value).trimEnd()
  const numbers = text === '' ? [] : text.split(' ').map(Number)
  const rows = await updates.readAfter(room, base?.upto ?? 0, 1e9)
  if (!rows.ok) throw new Error(rows.error.kind)
  for (const row of rows.value) numbers.push(Number(new TextDecoder().decode(row.bytes)))
  await opened.value.close()
  return { head, upto: base?.upto ?? 0, numbers }
}

const upTo = (head: number): number[] => Array.from({ length: head }, (_, index) => index + 1)

describe('durability of open rooms', () => {
  test('[UL17] SIGKILL during appends loses no row that was durable', { timeout: 120_000 }, async () => {
    await using folder = await temporaryFolder()
    for (let round = 1; round <= 6; round++) {
      const child = startWriter({ folder: folder.path, mode: 'append' })
      const top = await follow(child, (_, count) => {
        if (count === 150 + round * 37) kill(child)
      })
      const { head, numbers } = await readRoom(folder.path)
      expect(head).toBeGreaterThanOrEqual(top)
      expect(numbers).toEqual(upTo(head))
    }
  })

  test('[UL17] SIGKILL while a base is written, staged or adopted leaves the old base or the new one, whole', {
    timeout: 240_000
  }, async () => {
    await using folder = await temporaryFolder()
    const ends: number[] = []
    // Lines of a round: rows, the row during the staging (21), staged (22), adopted (23).
    for (const line of [21, 22, 23, 43, 44, 45, 46, 67, 68, 69]) {
      const child = startWriter({ folder: folder.path, mode: 'compact' })
      const top = await follow(child, (_, count) => {
        // The first line tells what was loaded.
        if (count === line + 1) kill(child)
      })
      const { head, upto, numbers } = await readRoom(folder.path)
      expect(head).toBeGreaterThanOrEqual(top)
      expect(numbers).toEqual(upTo(head))
      ends.push(upto)
    }
    expect(new Set(ends).size).toBeGreaterThan(3)
  })

  test('[UL17] between the write of a row and its answer lies an fdatasync of the log', {
    timeout: 120_000
  }, async () => {
    await using folder = await temporaryFolder()
    const trace = createTrace(folder.path)
    const child = startWriter({ folder: folder.path, mode: 'append', wrapper: trace.wrapper })
    await follow(child, (_, count) => {
      if (count === 60) kill(child)
    })
    const { answers, unsynced } = await trace.read(ROW)
    expect(answers).toBeGreaterThan(50)
    expect(unsynced).toBe(0)
  })

  test('[UL17] a disk that loses what was not synced loses nothing durable, and would without the sync', {
    timeout: 240_000
  }, async () => {
    await using folder = await temporaryFolder()
    const shim = buildShim('unsynced', folder.path)
    const env = { LD_PRELOAD: shim, UNSYNCED_MATCH: 'council.db' }
    for (const [mode, lines] of [
      ['append', 120],
      ['compact', 24],
      ['compact', 45]
    ] as const) {
      await settle(folder.path)
      const child = startWriter({ folder: folder.path, mode, env })
      const top = await follow(child, (_, count) => {
        if (count === lines) kill(child)
      })
      await losePower(folder.path)
      const { head, numbers } = await readRoom(folder.path)
      expect(top).toBeGreaterThan(10)
      expect(head).toBeGreaterThanOrEqual(top)
      expect(numbers).toEqual(upTo(head))
    }
    await settle(folder.path)
    const child = startWriter({ folder: folder.path, mode: 'append', env: { ...env, SYNCHRONOUS: 'OFF' } })
    const top = await follow(child, (_, count) => {
      if (count === 120) kill(child)
    })
    await losePower(folder.path)
    expect((await readRoom(folder.path)).head).toBeLessThan(top)
  })

  test('[UL18] a sync that fails is a failure of the whole batch; the store goes on once the disk does', {
    timeout: 120_000
  }, async () => {
    await using folder = await temporaryFolder()
    const failing = join(folder.path, 'fail-now')
    const env = { LD_PRELOAD: buildShim('failing', folder.path), FAIL_SYNC: failing }
    const child = startWriter({ folder: folder.path, mode: 'append', env })
    const said: string[] = []
    await follow(child, (line, count) => {
      said.push(line)
      if (count === 30) void writeFile(failing, '')
      if (said.filter((each) => each === 'refused store').length === 6) void rm(failing, { force: true })
      if (line.startsWith('row') && said.at(-2)?.startsWith('refused')) kill(child)
    })
    const refusals = said.filter((line) => line.startsWith('refused'))
    expect(refusals.length).toBeGreaterThanOrEqual(6)
    expect(new Set(refusals)).toEqual(new Set(['refused store']))
    // The seqs go on where they were: nothing of what was refused is there.
    const seqs = said.flatMap((line) => /^row (\d+)$/.exec(line)?.[1] ?? []).map(Number)
    expect(seqs).toEqual(upTo(seqs.length))
    const { head, numbers } = await readRoom(folder.path)
    expect(head).toBeGreaterThanOrEqual(seqs.length)
    expect(numbers).toEqual(upTo(head))
  })
})
