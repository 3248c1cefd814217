import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { createMemoryLog } from '#app/log/memory.ts'
import { docBytes } from '#app/store/bytes.ts'
import type { DocPath, RelayName } from '#app/store/ports.ts'
import type { Dial } from '#app/sync/ports.ts'
import { createRunner } from '#app/sync/runner.ts'
import { createVault } from '#app/vault/create-vault.ts'
import type { Result } from '#core/result.ts'
import { sha256 as digest, newSigningKeyPem, signingKeyFromPem, verifyEd25519 } from '#server/auth/signatures.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { serveWebSockets } from '#server/http/web-socket-server.ts'
import { createRelay } from '#server/rooms/relay.ts'
import { openSqliteLog } from '#server/storage/sqlite/sqlite-log.ts'
import { connect, enter, isErasureProof, isReceipt, type Refused } from './client.ts'
import { deriveRoot } from './keys.ts'

const JOURNAL = 'journal/2026/0' as DocPath
const value = <Value>(result: Result<Value, unknown>): Value => {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}
const endings: (() => unknown)[] = []
let url = ''
let folder = ''

/** The relay as main.ts composes it: SQLite, real sockets, the machine's clock. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'council-spec-'))
  const paths = { path: join(folder, 'council.db'), ledgerPath: join(folder, 'council.erasures') }
  const log = value(await openSqliteLog({ ...paths, now: Date.now, rootBytes: 1e9 }))
  const addresses = new Set<string>()
  const relay = createRelay({
    log,
    bus: createMemoryBus(),
    clock: { now: Date.now, after: later },
    random: (length) => new Uint8Array(randomBytes(length)),
    verify: verifyEd25519,
    sha256: digest,
    keys: signingKeyFromPem(newSigningKeyPem()),
    addresses,
    backupDays: 7
  })
  const server = createServer()
  const { stop } = serveWebSockets(server, {
    relay,
    trustProxy: 0,
    isAllowedOrigin: () => false,
    after: later,
    random: () => 0
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  addresses.add(host)
  url = `ws://${host}/sealed`
  endings.push(async () => {
    stop()
    await new Promise((resolve) => server.close(resolve))
    await log.close()
    rmSync(folder, { recursive: true })
  })
})
afterAll(async () => {
  for (const end of endings.reverse()) await end()
})

const later = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

const dial: Dial = (relay, on) => {
  const socket = new WebSocket(`ws://${relay}/sealed`, 'council.sealed.1')
  let silent = false
  socket.on('open', () => on.opened())
  socket.on('message', (data: Buffer) => on.frame(new Uint8Array(data)))
  socket.on('error', () => undefined)
  socket.on('close', (code) => silent || on.closed(code))
  return {
    send: (frame) => socket.send(frame),
    close: () => {
      silent = true
      socket.close()
    }
  }
}

/** A device of the app without its screens: log, vault, sync. */
const appDevice = async (phrase?: string) => {
  const log = createMemoryLog()
  const vault = createVault({ shelf: log, crypto, random: (length) => new Uint8Array(randomBytes(length)) })
  if (phrase) value(await vault.adopt(value(await vault.consider(phrase.split(' '), 0))))
  const keyholder = value(await vault.create())
  const relay = new URL(url).host as RelayName
  const runner = createRunner({
    relay,
    log,
    docLog: log,
    shelf: log,
    keyholder,
    vault,
    docBytes,
    sha256: digest,
    dial,
    clock: { now: Date.now, mono: () => performance.now() },
    random: Math.random,
    setTimer: later,
    documents: async () => [JOURNAL]
  })
  runner.start()
  endings.push(() => runner.stop())
  /** Looks again after each change of the session or of the log. */
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    let wake = () => {}
    const offs = [runner.subscribe(() => wake()), log.subscribe(() => wake())]
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      if (await holds()) break
      await woken
    }
    for (const off of offs) off()
  }
  const read = async (): Promise<Record<string, string>> => {
    const { base, rows } = value(await log.load(JOURNAL))
    const doc = new Y.Doc()
    if (base) Y.applyUpdate(doc, base)
    for (const { update } of rows) Y.applyUpdate(doc, update)
    return doc.getMap('records').toJSON() as Record<string, string>
  }
  return {
    phrase: value(await vault.phrase()).join(' '),
    root: keyholder.root,
    read,
    write: async (id: string, line: string): Promise<void> => {
      value(await log.appendLocal(JOURNAL, lineUpdate(id, line)))
      runner.urgent()
      await until(async () => value(await log.waiting(relay)).length === 0)
    },
    untilReads: (id: string, line: string) => until(async () => (await read())[id] === line)
  }
}

const lineUpdate = (id: string, line: string): Uint8Array => {
  const doc = new Y.Doc()
  doc.getMap('records').set(id, line)
  return Y.encodeStateAsUpdate(doc)
}
const recordsOf = (doc: Y.Doc): unknown => doc.getMap('records').toJSON()

test('a client written from the text reads what the app wrote, and the app reads it', async () => {
  const alice = await appDevice()
  await alice.write('a', 'written by the app')
  const client = await enter(url, alice.phrase)
  expect(recordsOf((await client.pull(JOURNAL)).doc)).toEqual({ a: 'written by the app' })
  const ack = await client.push(JOURNAL, lineUpdate('b', 'written from the text'))
  expect(ack.seqs).toHaveLength(2)
  await alice.untilReads('b', 'written from the text')
  await alice.write('c', 'and on')
  const again = await enter(url, alice.phrase)
  expect(recordsOf((await again.pull(JOURNAL)).doc)).toEqual(await alice.read())
  client.close()
  again.close()
})

test('a snapshot by the client opens a new device of the app, whole', async () => {
  const alice = await appDevice()
  for (const id of ['a', 'b', 'c']) await alice.write(id, `line ${id}`)
  const client = await enter(url, alice.phrase)
  await client.push(JOURNAL, lineUpdate('d', 'x'.repeat(500)))
  const { seq } = await client.pull(JOURNAL)
  expect((await client.snapshot(JOURNAL)).seqs).toEqual([seq])
  await client.push(JOURNAL, lineUpdate('e', 'after'))
  const bob = await appDevice(alice.phrase)
  await bob.untilReads('e', 'after')
  expect(await bob.read()).toMatchObject({ a: 'line a', c: 'line c', d: 'x'.repeat(500) })
  const cold = await enter(url, alice.phrase)
  const shard = await cold.pull(JOURNAL)
  expect([shard.snapshotTo, recordsOf(shard.doc)]).toEqual([seq, await bob.read()])
  // Who has never written may compact too.
  expect((await cold.snapshot(JOURNAL)).seqs).toEqual([shard.seq])
  expect(recordsOf((await (await enter(url, alice.phrase)).pull(JOURNAL)).doc)).toEqual(await bob.read())
})

test('a snapshot that is not newer loses, and a history that is not the relay’s is a fork', async () => {
  const phrase = (await appDevice()).phrase
  const one = await enter(url, phrase)
  await one.push(JOURNAL, lineUpdate('a', 'line'))
  const shard = await one.pull(JOURNAL)
  await one.snapshot(JOURNAL)
  shard.snapshotTo = 0
  expect(await one.snapshot(JOURNAL).catch((refused: Refused) => refused.code)).toBe(8)
  const other = await enter(url, phrase)
  Object.assign(await other.pull(JOURNAL), { hash: new Uint8Array(16) })
  expect(await other.pull(JOURNAL).catch((refused: Refused) => refused.code)).toBe(7)
})

test('[KY5] after an erasure the phrase alone finds the next root, and the receipt holds', async () => {
  const alice = await appDevice()
  await alice.write('a', 'to be forgotten')
  const client = await enter(url, alice.phrase)
  const { proof, receipt } = await client.erase()
  expect(isErasureProof(proof)).toBe(true)
  expect(isReceipt(proof, receipt, client.relayKey)).toBe(true)
  expect(isReceipt(proof, receipt, receipt.slice(32, 64))).toBe(false)
  expect(isErasureProof(proof.map((byte, i) => (i === 60 ? byte ^ 1 : byte)))).toBe(false)
  const late = await connect(url, deriveRoot(alice.phrase, 0))
  expect(await late.ready().catch((refused: Refused) => refused.code)).toBe(9)
  const next = await enter(url, alice.phrase)
  expect((await next.pull('keyring')).seq).toBe(0)
  await next.push(JOURNAL, lineUpdate('z', 'a new journal'))
  const pulled = await (await enter(url, alice.phrase)).pull(JOURNAL)
  expect(recordsOf(pulled.doc)).toEqual({ z: 'a new journal' })
})

test('[SE15] the relay’s files hold no line of a journal', async () => {
  const alice = await appDevice()
  // Words that no schema or message of the relay uses.
  const line = 'Vermilion dusk, juniper smoke, qanun from next door.'
  await alice.write('a', line)
  const stored = readdirSync(folder).map((name) => readFileSync(join(folder, name)))
  expect(stored.some((bytes) => bytes.includes(alice.root))).toBe(true)
  const found = stored.flatMap((bytes) =>
    Array.from({ length: line.length - 7 }, (_, at) => line.slice(at, at + 8)).filter((part) => bytes.includes(part))
  )
  expect(found).toEqual([])
})
