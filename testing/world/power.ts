import type { Plan } from '#app/log/engine.ts'
import { createMemoryDatabase, type MemoryDatabase } from '#app/log/memory.ts'

/** What a power cut leaves of a device's database: everything up to its last durable transaction. */
export interface Power {
  /** Called before each transaction, in their order. */
  planned(plan: Plan): void
  /** The machine stops: what was only atomic is taken back. */
  cut(): void
}

export const copyDatabase = (database: MemoryDatabase): MemoryDatabase => {
  const copy = createMemoryDatabase()
  fill(copy, database)
  return copy
}

const fill = (to: MemoryDatabase, from: MemoryDatabase): void => {
  for (const [name, table] of from.tables) {
    const target = to.tables.get(name)
    target?.clear()
    for (const [key, entry] of table) target?.set(key, entry)
  }
}

export const createPower = (database: MemoryDatabase): Power => {
  let durable = copyDatabase(database)
  let flushed = true
  return {
    planned: ({ mode }) => {
      // What was durable before this one is known only now: transactions run one after another.
      if (flushed) durable = copyDatabase(database)
      if (mode !== 'read') flushed = mode === 'durable'
    },
    cut: () => {
      if (!flushed) fill(database, durable)
    }
  }
}
