import { createMemoryLog, type MemoryDatabase, type MemoryLog } from '#app/log/memory.ts'
import type { DocPath } from '#app/store/ports.ts'
import { createVault } from '#app/vault/create-vault.ts'
import type { Vault } from '#app/vault/ports.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import { createDocuments, type Documents } from './documents.ts'
import { createGate, type Gate } from './gate.ts'
import type { Held } from './held.ts'
import type { Power } from './power.ts'
import type { Weather } from './weather.ts'

/** One tab of one profile: its own handle on the profile's database, its own documents in memory, its own end. */
export interface Tab {
  readonly name: string
  readonly gate: Gate
  readonly log: MemoryLog
  readonly vault: Vault
  readonly documents: Documents
  /** Nothing it asked for is answered any more, what was committed stays. */
  kill(): void
}

/** Keys are put away in a moment nobody writes in: a tab that cannot even keep its keys does not open, and tests nothing. */
const KEY_OPERATIONS = new Set(['get', 'put', 'delete'])

export const createTab = (options: {
  readonly name: string
  readonly scheduler: Scheduler
  readonly random: Random
  readonly crypto: Crypto
  readonly database: MemoryDatabase
  readonly weather: () => Weather
  readonly held: Held
  readonly power: Power
  readonly killed: (tab: Tab) => void
}): Tab => {
  const { name, scheduler, random, weather } = options
  const gate = createGate(scheduler)
  let over = false

  const kill = (): void => {
    if (over) return
    over = true
    scheduler.note(`${name} dies`)
    gate.kill()
    log.crash()
    documents.close()
    options.killed(tab)
  }

  const log = createMemoryLog({
    database: options.database,
    fate: (plan) => {
      const { operation, mode } = plan
      options.power.planned(plan)
      const { crashChance, failChance } = weather().device
      if (gate.state() === 'dead' || mode === 'read') return 'proceed'
      if (random.chance(crashChance)) {
        const when = random.pick(['crash-before', 'crash-after'] as const)
        scheduler.note(`${name} ${when} ${operation}`)
        gate.kill()
        scheduler.after(0, '', kill)
        return when
      }
      if (random.chance(failChance) && !KEY_OPERATIONS.has(operation)) return random.pick(['quota', 'io'] as const)
      return 'proceed'
    }
  })
  const documents = createDocuments({
    log,
    random: random.fork(),
    setTimer: gate.setTimer,
    kept: options.held.wrote
  })
  log.subscribe(gate.in((path: DocPath) => void documents.catchUp(path)))
  const vault = createVault({ shelf: log, crypto: options.crypto, random: random.fork().bytes })
  const tab: Tab = { name, gate, log, vault, documents, kill }
  return tab
}
