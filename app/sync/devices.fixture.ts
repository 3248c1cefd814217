import type { Log } from '#app/log/log.ts'
import { createMemoryDatabase, createMemoryLog, type Fate, type MemoryDatabase } from '#app/log/memory.ts'
import { docBytes } from '#app/store/bytes.ts'
import type { RelayName } from '#app/store/ports.ts'
import { createVault } from '#app/vault/create-vault.ts'
import type { Vault } from '#app/vault/ports.ts'
import type { DeviceFrame, RelayFrame } from '#core/frames.ts'
import type { RelayLimits } from '#server/rooms/relay-ports.ts'
import type { MemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { INSTANT_COMPRESSION } from '#testing/instant-compression.ts'
import { createInstantCrypto } from '#testing/instant-crypto.ts'
import { createRandom } from '#testing/random.ts'
import { createScheduler } from '#testing/scheduler.ts'
import { factsOf } from './facts.ts'
import { ADOPTED_KEY } from './keeper.ts'
import { dialer, type Watch } from './line.fixture.ts'
import { createNotebook, JOURNAL, KEYRING, type Notebook } from './notebook.fixture.ts'
import type { RunnerPorts } from './ports.ts'
import { copyDisk, createTestRelay, RELAY, sha256, type TestRelay } from './relay.fixture.ts'
import { createRunner, type Runner } from './runner.ts'

/** Devices and the real relay on memory, in virtual time. */

export interface TestDevice extends Notebook {
  readonly name: string
  readonly runner: Runner
  readonly ports: RunnerPorts
  readonly vault: Vault
  readonly log: Log
  readonly database: MemoryDatabase
  facts(): ReturnType<typeof factsOf>
  /** What befalls each transaction on this device's log. */
  setFate(fate: (mode: 'read' | 'write' | 'durable') => Fate): void
  cut(): void
  setOnline(online: boolean): void
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
    const vault = createVault({ shelf: log, crypto, random: random.fork().bytes, compression: INSTANT_COMPRESSION })
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
    if (options.start !== false) runner.start()
    return {
      name,
      runner,
      ports,
      vault,
      log,
      database,
      ...createNotebook(log, draws),
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

export type House = ReturnType<typeof createHouse>
