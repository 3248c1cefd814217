import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { appendFile, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { type RootId, type ShardId, seq } from '#core/ids.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import { temporaryFolder } from '#testing/wire/relay-process.ts'
import { openLedger } from './ledger.ts'
import { openDatabase } from './open-database.ts'
import { MIGRATIONS } from './schema.ts'
import { openSqliteLog } from './sqlite-log.ts'

const rootA = 'AAAAAAAAAAAAAAAAAAAAAA' as RootId
const rootB = 'BBBBBBBBBBBBBBBBBBBBBB' as RootId
const ref = { root: rootA, shard: '00000000000000000000000000000001' as ShardId }
const proof = (root: RootId) => ({
  scope: { kind: 'root', root } as const,
  rootKey: new Uint8Array(32).fill(7),
  signature: new Uint8Array(64).fill(9)
})

const openLog = async (folder: string) => {
  const opened = await openSqliteLog({
    path: join(folder, 'council.db'),
    ledgerPath: join(folder, 'council.erasures'),
    now: () => 0,
    rootBytes: 1e9
  })
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}

describe('opening a store', () => {
  test.each([1, 2])('a store of version %i opens, whatever version this is', async (version) => {
    await using folder = await temporaryFolder()
    const packed = await readFile(join(import.meta.dirname, `fixtures/v${version}.db.gz.base64`), 'utf8')
    await writeFile(join(folder.path, 'council.db'), gunzipSync(Buffer.from(packed, 'base64')))
    const log = await openLog(folder.path)
    const tail = await log.readAfter(ref, seq(0), EMPTY_CHAIN_HASH, 1_000)
    if (!tail.ok) throw new Error(tail.error.kind)
    expect(tail.value.snapshot).toMatchObject({ from: 1, to: 2, size: 8 })
    expect(tail.value.entries.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(['three'])
    const part = await log.readSnapshot(ref, seq(2), 0)
    expect(part.ok && new TextDecoder().decode(part.value)).toBe('snapshot')
    expect(await log.root(rootA)).toMatchObject({ value: { floor: 0 } })
    expect(await log.erase(proof(rootB), 99)).toEqual({ ok: true, value: { erasedAt: 77 } })
    expect(await log.append([{ ...ref, entries: [new TextEncoder().encode('one')], epoch: 0 }])).toMatchObject([
      { value: { seqs: [1] } }
    ])
    // Open rooms came with version 2: there they hold something, before there is room for them.
    const notes = 'notes/été' as RoomName
    const rows = await log.updates.readAfter(notes, 0, 1_000)
    const base = await log.updates.readBase(notes, 2)
    if (!rows.ok || !base.ok) throw new Error('refused')
    expect(rows.value.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(version === 1 ? [] : ['drei'])
    expect(new TextDecoder().decode(base.value)).toBe(version === 1 ? '' : 'eins und zwei')
    expect(await log.updates.append([{ room: 'new' as RoomName, bytes: new Uint8Array([1]) }])).toEqual([
      { ok: true, value: expect.objectContaining({ seq: 1 }) }
    ])
    await log.close()
  })

  test('a newer store is refused in one line and left as it was', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'council.db')
    openDatabase({ path, migrations: [...MIGRATIONS, 'CREATE TABLE later (x)'] }).close()
    expect(() => openDatabase({ path })).toThrow(
      new RegExp(
        `written by a newer relay \\(store ${MIGRATIONS.length + 1}, this one reads up to ${MIGRATIONS.length}\\)$`
      )
    )
    openDatabase({ path, migrations: [...MIGRATIONS, 'CREATE TABLE later (x)'] }).close()
  })

  test('a migration goes forward after a copy; one that fails leaves the store as it was', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'council.db')
    openDatabase({ path }).close()
    expect(() => openDatabase({ path, migrations: [...MIGRATIONS, 'CREATE TABLE later (x); nonsense'] })).toThrow(
      /cannot open/
    )
    const again = openDatabase({ path })
    expect(again.db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length)
    again.close()
    openDatabase({ path, migrations: [...MIGRATIONS, 'CREATE TABLE later (x)'] }).close()
    const copy = new Database(`${path}.before-${MIGRATIONS.length + 1}`, { readonly: true })
    expect(copy.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length)
    copy.close()
  })

  test('another program’s database is refused', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'council.db')
    const foreign = new Database(path)
    foreign.exec('CREATE TABLE theirs (x)')
    foreign.close()
    expect(() => openDatabase({ path })).toThrow(/is not a database of this relay$/)
  })

  test('a store in use is refused, and free once its holder is gone', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'council.db')
    const first = openDatabase({ path })
    expect(() => openDatabase({ path })).toThrow(/in use by another relay$/)
    first.close()
    openDatabase({ path }).close()
  })

  test('FULL is what a store opens with', async () => {
    await using folder = await temporaryFolder()
    const opened = openDatabase({ path: join(folder.path, 'council.db') })
    expect(opened.db.pragma('synchronous', { simple: true })).toBe(2)
    expect(opened.db.pragma('journal_mode', { simple: true })).toBe('wal')
    opened.close()
  })
})

describe('the erasure ledger', () => {
  test('a line cut by a crash is dropped, the next one stands on its own', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'erasures')
    const first = openLedger(path)
    first.ledger.append(proof(rootA), 5)
    first.ledger.close()
    await appendFile(path, '6 QUFB')
    const second = openLedger(path)
    expect(second.lines).toEqual([{ proof: proof(rootA), erasedAt: 5 }])
    second.ledger.append(proof(rootB), 7)
    second.ledger.close()
    const third = openLedger(path)
    expect(third.lines.map(({ erasedAt }) => erasedAt)).toEqual([5, 7])
    third.ledger.close()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('a damaged line is refused: going on would bring an erasure back', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'erasures')
    await writeFile(path, '5 QUFB\n')
    expect(() => openLedger(path)).toThrow(/line 1 of .* is damaged/)
  })
})

test('what was erased is in none of the files any more', async () => {
  await using folder = await temporaryFolder()
  const log = await openLog(folder.path)
  const marker = 'a line that must be gone '.repeat(400)
  await log.adopt(rootA, 0, new Uint8Array([1]))
  await log.append([
    {
      ...ref,
      entries: [new TextEncoder().encode(marker), new TextEncoder().encode('small a line that must be gone')],
      epoch: 0
    }
  ])
  const found = async (): Promise<string[]> => {
    const names = (await readdir(folder.path)).filter((name) => existsSync(join(folder.path, name)))
    const hits = await Promise.all(
      names.map(async (name) =>
        (await readFile(join(folder.path, name))).includes('a line that must be gone') ? name : undefined
      )
    )
    return hits.filter((name) => name !== undefined)
  }
  expect(await found()).toContain('council.db-wal')
  expect(await log.erase(proof(rootA), 1)).toMatchObject({ ok: true })
  expect(await found()).toEqual([])
  await log.close()
})

/** A file system of its own needs root, and a container that lets it; the contract's [EL21] fills the database elsewhere. */
const canMount = (): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = mkdtempSync(join(tmpdir(), 'council-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test.runIf(canMount())('a disk that is really full refuses and recovers', { timeout: 60_000 }, async () => {
  await using folder = await temporaryFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder.path])
  try {
    const log = await openLog(folder.path)
    await log.adopt(rootA, 0, new Uint8Array([1]))
    const push = async (fill: number) =>
      (await log.append([{ ...ref, entries: [new Uint8Array(200_000).fill(fill)], epoch: 0 }]))[0]
    let refused = 0
    let accepted = 0
    for (let fill = 0; fill < 30; fill++) {
      const result = await push(fill)
      if (result?.ok === false) {
        refused++
        expect(['relay-full', 'store']).toContain(result.error.kind)
      } else accepted++
    }
    expect(refused).toBeGreaterThan(0)
    expect(accepted).toBeGreaterThan(0)
    execFileSync('mount', ['-o', 'remount,size=30m', folder.path])
    expect(await push(99)).toMatchObject({ ok: true, value: { seqs: [accepted + 1] } })
    await log.close()
  } finally {
    execFileSync('umount', ['-l', folder.path])
  }
})
