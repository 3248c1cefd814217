import type { DocPath, LogFailure } from '#app/store/ports.ts'
import { err, type Result } from '#core/result.ts'
import type { Engine, Plan, Range, Transaction } from './engine.ts'
import { createLogOver, type Log } from './log.ts'
import { type Key, TABLE_NAMES, type TableName } from './tables.ts'

/** What befalls one transaction. After a crash the handle answers nothing any more, as a killed tab does; the database stays. */
export type Fate = 'proceed' | 'quota' | 'io' | 'crash-before' | 'crash-after'

interface Entry {
  readonly key: Key
  readonly value: unknown
}

/** One profile's database. Handles opened on the same one are tabs of one browser; it outlives their crashes. */
export interface MemoryDatabase {
  readonly tables: ReadonlyMap<TableName, Map<string, Entry>>
  readonly handles: Set<{ notify(docs: readonly DocPath[]): void }>
  /** Transactions run one after another, as writes on shared stores do in IndexedDB. */
  queue: Promise<unknown>
}

export const createMemoryDatabase = (): MemoryDatabase => ({
  tables: new Map(TABLE_NAMES.map((name) => [name, new Map<string, Entry>()])),
  handles: new Set(),
  queue: Promise.resolve()
})

export interface MemoryLogOptions {
  /** Default: a new empty one. */
  readonly database?: MemoryDatabase
  /** Asked before each transaction. */
  readonly fate?: (plan: Plan) => Fate
}

export type MemoryLog = Log & {
  readonly database: MemoryDatabase
  /** Kills this tab: nothing it asked for is answered any more, what it had committed stays. */
  crash(): void
}

export const createMemoryLog = (options: MemoryLogOptions = {}): MemoryLog => {
  const database = options.database ?? createMemoryDatabase()
  const { engine, crash } = createMemoryEngine(database, options.fate ?? (() => 'proceed'))
  return { ...createLogOver(engine), database, crash }
}

const createMemoryEngine = (
  database: MemoryDatabase,
  fate: (plan: Plan) => Fate
): { engine: Engine; crash: () => void } => {
  let state: 'open' | 'closed' | 'crashed' = 'open'
  const listeners = new Set<(doc: DocPath) => void>()
  const handle = {
    notify: (docs: readonly DocPath[]) => {
      for (const doc of docs) for (const listener of [...listeners]) listener(doc)
    }
  }
  database.handles.add(handle)
  const leave = (next: 'closed' | 'crashed') => {
    if (state !== 'crashed') state = next
    database.handles.delete(handle)
    listeners.clear()
  }

  const perform = async <Value, Failure>(
    plan: Plan,
    body: Body<Value, Failure>
  ): Promise<Result<Value, Failure | LogFailure> | 'unanswered'> => {
    // What a killed tab had asked for and what was not begun is not done; what was begun is, and nobody hears of it.
    if (state === 'crashed') return 'unanswered'
    const drawn = fate(plan)
    if (drawn === 'crash-before') leave('crashed')
    if (drawn === 'crash-before') return 'unanswered'
    if (drawn === 'quota') return err({ kind: 'quota' })
    if (drawn === 'io') return err({ kind: 'io', reason: `injected into ${plan.operation}` })
    const result = await inMemory(database, plan, body)
    if (drawn === 'crash-after') leave('crashed')
    return hasCrashed() ? 'unanswered' : result
  }
  const hasCrashed = () => state === 'crashed'

  const engine: Engine = {
    transact: (plan, body) =>
      new Promise((resolve, reject) => {
        if (state === 'closed') return resolve(err({ kind: 'closed' }))
        const turn = async () => {
          const result = await perform(plan, body)
          if (result !== 'unanswered') resolve(result)
        }
        database.queue = database.queue.then(turn).catch(reject)
      }),
    announce: (docs) => {
      for (const each of [...database.handles]) each.notify(docs)
    },
    subscribe: (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    close: async () => leave('closed')
  }
  return { engine, crash: () => leave('crashed') }
}

type Body<Value, Failure> = (tx: Transaction) => Promise<Result<Value, Failure>>

/** Runs the body on the tables and takes its writes back unless it ends well. */
const inMemory = async <Value, Failure>(
  database: MemoryDatabase,
  plan: Plan,
  body: Body<Value, Failure>
): Promise<Result<Value, Failure>> => {
  const undo: (() => void)[] = []
  const rollBack = () => {
    for (const step of undo.reverse()) step()
  }
  try {
    const result = await body(createTransaction(database, plan, undo))
    if (!result.ok) rollBack()
    return result
  } catch (fault) {
    rollBack()
    throw fault
  }
}

const createTransaction = (database: MemoryDatabase, plan: Plan, undo: (() => void)[]): Transaction => {
  const table = (name: TableName): Map<string, Entry> => {
    const found = plan.tables.includes(name) ? database.tables.get(name) : undefined
    if (found === undefined) throw new Error(`${plan.operation} did not plan for ${name}`)
    return found
  }
  const set = (name: TableName, key: Key, entry: Entry | undefined) => {
    if (plan.mode === 'read') throw new Error(`${plan.operation} planned only to read`)
    const entries = table(name)
    const id = JSON.stringify(key)
    const before = entries.get(id)
    undo.push(() => (before === undefined ? entries.delete(id) : entries.set(id, before)))
    if (entry === undefined) entries.delete(id)
    else entries.set(id, entry)
  }
  const within = (name: TableName, range: Range): readonly Entry[] =>
    [...table(name).values()].filter((entry) => inRange(entry.key, range)).sort((a, b) => compareKeys(a.key, b.key))

  return {
    // Values are what was put in, as in IndexedDB: a copy, so that nobody changes the database by changing a value.
    get: async (name, key) => structuredClone(table(name).get(JSON.stringify(key))?.value) as never,
    all: async (name, range) => within(name, range).map((entry) => structuredClone(entry.value)) as never,
    keys: async (name, range) => within(name, range).map((entry) => entry.key),
    heads: async (name) => [...new Set([...table(name).values()].map((entry) => String(entry.key[0])))].sort(),
    put: (name, key, value) => set(name, key, { key, value: structuredClone(value) }),
    delete: (name, key) => set(name, key, undefined),
    deleteAll: (name, range) => {
      for (const entry of within(name, range)) set(name, entry.key, undefined)
    }
  }
}

const inRange = (key: Key, { prefix, after }: Range): boolean =>
  prefix.every((part, index) => key[index] === part) && (after === undefined || Number(key[prefix.length]) > after)

const compareKeys = (a: Key, b: Key): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left, right] = [a[i] ?? '', b[i] ?? '']
    if (left !== right) return left < right ? -1 : 1
  }
  return a.length - b.length
}
