import { deflateRawSync, inflateRawSync } from 'node:zlib'
import * as Y from 'yjs'
import type { Log } from '#app/log/log.ts'
import { createMemoryDatabase, createMemoryLog, type Fate, type MemoryDatabase } from '#app/log/memory.ts'
import { docBytes } from '#app/store/bytes.ts'
import type { DocPath, RelayName } from '#app/store/ports.ts'
import { createVault } from '#app/vault/create-vault.ts'
import type { Compression } from '#app/vault/deflate.ts'
import type { Vault } from '#app/vault/ports.ts'
import { CLOSE } from '#core/close-codes.ts'
import { decodeDeviceFrame } from '#core/frame-codec-device.ts'
import { decodeRelayFrame, encodeRelayFrame } from '#core/frame-codec-relay.ts'
import type { DeviceFrame, RelayFrame } from '#core/frames.ts'
import type { ConnectionHandle, RelayLimits } from '#server/rooms/relay-ports.ts'
import type { MemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createInstantCrypto } from '#testing/instant-crypto.ts'
import { createRandom } from '#testing/random.ts'
import { createScheduler, type Scheduler } from '#testing/scheduler.ts'
import { createCell } from './cell.ts'
import { createSync } from './create-sync.ts'
import { factsOf } from './facts.ts'
import { ADOPTED_KEY } from './keeper.ts'
import type { Dial, RunnerPorts } from './ports.ts'
import { copyDisk, createTestRelay, RELAY, sha256, type TestRelay } from './relay.fixture.ts'
import { createRunner, type Runner } from './runner.ts'
import type { SyncParts } from './sync-parts.ts'

/** Devices and the real relay on memory, in virtual time. */

export const KEYRING = 'keyring' as DocPath
export const JOURNAL = 'journal/2026/0' as DocPath

/** What crosses the wire. `false` lets a frame vanish together with its connection, as networks do. */
export type Watch = (
  way: 'up' | 'down',
  frame: DeviceFrame | RelayFrame,
  device: string
) => boolean | undefined | RelayFrame

export interface TestDevice {
  readonly name: string
  readonly runner: Runner
  readonly ports: RunnerPorts
  readonly vault: Vault
  readonly log: Log
  readonly database: MemoryDatabase
  /** Writes one record as the store would. */
  write(id: string, text: string, doc?: DocPath): Promise<void>
  remove(id: string, doc?: DocPath): Promise<void>
  read(doc?: DocPath): Promise<Record<string, string>>
  facts(): ReturnType<typeof factsOf>
  /** What befalls each transaction on this device's log. */
  setFate(fate: (mode: 'read' | 'write' | 'durable') => Fate): void
  cut(): void
  setOnline(online: boolean): void
}

const MS_ON_THE_WIRE = 5

/** The platform's streams end in real time, not in the world's. */
const INSTANT: Compression = {
  deflate: async (bytes) => new Uint8Array(deflateRawSync(bytes)),
  inflate: async (bytes, limit) => {
    try {
      return new Uint8Array(inflateRawSync(bytes, { maxOutputLength: limit }))
    } catch {
      return undefined
    }
  }
}

export const createHouse = (seed = 1, limits: Partial<RelayLimits> = {}) => {
  const scheduler = createScheduler()
  const random = createRandom(seed)
  const crypto = createInstantCrypto(random.fork())
  const relay = createTestRelay(scheduler, random, limits)
  const relays = new Map<string, TestRelay>([[RELAY, relay]])
  const sent: { readonly way: 'up' | 'down'; readonly device: string; readonly frame: DeviceFrame | RelayFrame }[] = []
  let watch: Watch = () => undefined
  let words: readonly string[] | undefined

  const device = async (
    name: string,
    options: {
      readonly database?: MemoryDatabase
      readonly start?: boolean
      readonly ports?: Partial<RunnerPorts>
      /** A phrase of its own. */
      readonly stranger?: boolean
    } = {}
  ): Promise<TestDevice> => {
    const database = options.database ?? createMemoryDatabase()
    let fateOf: (mode: 'read' | 'write' | 'durable') => Fate = () => 'proceed'
    const log = createMemoryLog({ database, fate: ({ mode }) => fateOf(mode) })
    const vault = createVault({ shelf: log, crypto, random: random.fork().bytes, compression: INSTANT })
    let current = await vault.current()
    if (!current.ok && words !== undefined && !options.stranger) {
      const considered = await vault.consider(words, 0)
      if (considered.ok) await vault.adopt(considered.value)
      await log.put(ADOPTED_KEY, true)
      current = await vault.current()
    }
    const keyholder = current.ok ? current : await vault.create()
    const phrase = await vault.phrase()
    if (!keyholder.ok || !phrase.ok) throw new Error('no keys')
    words ??= phrase.value
    const line = { cuts: new Set<() => void>(), online: true }
    const cut = (): void => {
      for (const each of line.cuts) each()
      line.cuts.clear()
    }
    const draws = random.fork()
    const ports: RunnerPorts = {
      relay: RELAY,
      log,
      docLog: log,
      shelf: log,
      keyholder: keyholder.value,
      vault,
      docBytes,
      sha256,
      dial: dialer(
        scheduler,
        (host) => relays.get(host),
        name,
        line,
        (way, frame) => {
          sent.push({ way, device: name, frame })
          return watch(way, frame, name)
        }
      ),
      clock: { now: () => 1_800_000_000_000 + scheduler.now(), mono: () => scheduler.now() },
      random: () => draws.below(2 ** 32) / 2 ** 32,
      setTimer: (ms, fire) => scheduler.after(ms, '', fire),
      documents: async () => [KEYRING, JOURNAL],
      report: (problem) => {
        throw new Error(`${name}: ${problem}`)
      },
      ...options.ports
    }
    const runner = createRunner(ports)
    const docs = new Map<DocPath, Y.Doc>()
    const newDoc = (): Y.Doc => {
      const doc = new Y.Doc()
      doc.clientID = draws.below(2 ** 32)
      return doc
    }
    const open = async (path: DocPath): Promise<Y.Doc> => {
      const loaded = await log.load(path)
      if (!loaded.ok) throw new Error(loaded.error.kind)
      const known = docs.get(path) ?? newDoc()
      docs.set(path, known)
      if (loaded.value.base) Y.applyUpdate(known, loaded.value.base)
      for (const row of loaded.value.rows) Y.applyUpdate(known, row.update)
      return known
    }
    const change = async (path: DocPath, edit: (map: Y.Map<string>) => void): Promise<void> => {
      const doc = await open(path)
      const updates: Uint8Array[] = []
      const hear = (update: Uint8Array): number => updates.push(update)
      doc.on('update', hear)
      doc.transact(() => edit(doc.getMap<string>('records')))
      doc.off('update', hear)
      for (const update of updates) {
        const kept = await log.appendLocal(path, update)
        if (!kept.ok) throw new Error(kept.error.kind)
      }
    }
    if (options.start !== false) runner.start()
    return {
      name,
      runner,
      ports,
      vault,
      log,
      database,
      write: (id, text, path = JOURNAL) => change(path, (map) => map.set(id, text)),
      remove: (id, path = JOURNAL) => change(path, (map) => map.delete(id)),
      read: async (path = JOURNAL) => (await open(path)).getMap<string>('records').toJSON() as Record<string, string>,
      facts: () => factsOf(runner.state(), RELAY),
      setFate: (next) => {
        fateOf = next
      },
      cut,
      setOnline: (online) => {
        line.online = online
        if (!online) cut()
      }
    }
  }

  return {
    scheduler,
    relay,
    sent,
    device,
    /** Another relay, that knows nothing of the first. */
    relayAt: (host: string): TestRelay => {
      const another = createTestRelay(scheduler, random.fork(), limits, host as RelayName)
      relays.set(host, another)
      return another
    },
    copyDisk: (): MemoryDisk => copyDisk(relay.disk),
    setWatch: (next: Watch) => {
      watch = next
    },
    /** Virtual milliseconds. */
    pass: (ms: number): Promise<void> => {
      // What was set in motion outside of an event comes to rest first.
      scheduler.after(0, 'rest', () => {})
      return scheduler.runUntil(scheduler.now() + ms)
    }
  }
}

/** The whole of sync as the app wires it, on a device that was not started. */
export const wire = (device: TestDevice, overrides: Partial<SyncParts> = {}) => {
  const relaySetting = createCell('')
  const forgotten = { times: 0 }
  const parts: SyncParts = {
    log: device.log,
    vault: async () => device.vault,
    docBytes,
    sha256,
    documents: createCell<readonly DocPath[]>([KEYRING, JOURNAL]),
    relaySetting: {
      get: relaySetting.get,
      subscribe: relaySetting.subscribe,
      set: async (next) => relaySetting.set(next)
    },
    page: `https://${RELAY}`,
    dial: (url, on) => device.ports.dial(new URL(url).host as RelayName, on),
    clock: device.ports.clock,
    random: device.ports.random,
    setTimer: device.ports.setTimer,
    leadership: { state: () => 'leading', subscribe: () => () => {} },
    channel: undefined,
    deleteDatabase: async () => true,
    forgotten: () => {
      forgotten.times += 1
    },
    report: (problem) => {
      throw new Error(problem)
    },
    ...overrides
  }
  return { ...createSync(parts), parts, forgotten }
}

const dialer =
  (
    scheduler: Scheduler,
    relayAt: (host: string) => TestRelay | undefined,
    name: string,
    line: { cuts: Set<() => void>; online: boolean },
    pass: (way: 'up' | 'down', frame: DeviceFrame | RelayFrame) => ReturnType<Watch>
  ): Dial =>
  (host, on) => {
    let over = false
    let handle: ConnectionHandle | undefined
    const end = (code: number): void => {
      if (over) return
      over = true
      scheduler.after(MS_ON_THE_WIRE, `${name} hears close ${code}`, () => on.closed(code))
      handle?.closed()
    }
    const cut = (): void => end(1006)
    line.cuts.add(cut)
    const down = (bytes: Uint8Array): void => {
      const frame = decodeRelayFrame(bytes)
      if (!frame.ok) throw new Error('the relay sent a malformed frame')
      scheduler.after(MS_ON_THE_WIRE, `${name} hears ${frame.value.type}`, () => {
        if (over) return
        const fate = pass('down', frame.value)
        if (fate === false) end(1006)
        else on.frame(typeof fate === 'object' ? encodeRelayFrame(fate) : bytes)
      })
    }
    scheduler.after(MS_ON_THE_WIRE, `${name} dials`, () => {
      if (over) return
      if (line.online) handle = relayAt(host)?.connect({ send: down, close: end })
      if (handle === undefined) end(CLOSE.goingAway)
      else on.opened()
    })
    return {
      send: (bytes) => {
        if (over) return
        const frame = decodeDeviceFrame(bytes)
        if (!frame.ok) throw new Error('a device sent a malformed frame')
        if (pass('up', frame.value) === false) end(1006)
        else scheduler.after(MS_ON_THE_WIRE, `${name} sends ${frame.value.type}`, () => !over && handle?.message(bytes))
      },
      close: () => {
        over = true
        handle?.closed()
      }
    }
  }

/** Lets virtual time run while something is awaited. */
export const meanwhile = async <Value>(house: House, work: Promise<Value>): Promise<Value> => {
  let done = false
  const watched = work.finally(() => {
    done = true
  })
  for (let i = 0; i < 200 && !done; i++) await house.pass(1_000)
  return watched
}

export type House = ReturnType<typeof createHouse>
