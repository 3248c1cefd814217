import type { JournalEntry, JournalLine } from '#app/domain/journal/entry.ts'
import type { PracticeRecord, RecordId } from '#app/domain/practice/record.ts'
import { builtIn, STARTED_AT } from '#app/domain/practice/setup.fixture.ts'
import { createMemoryDatabase, createMemoryLog, type Fate, type MemoryDatabase } from '#app/log/memory.ts'
import { civilDay, yearOf } from '#core/time.ts'
import { docBytes } from './bytes.ts'
import type { Command, Store } from './face.ts'
import { createStore } from './store.ts'

/** One tab over a database of its own or a shared one, with faults to inject and a clock that only the test moves. */
export const openTab = (
  options: {
    readonly database?: MemoryDatabase
    readonly year?: number
    readonly name?: string
    readonly idle?: () => Promise<void>
    readonly breather?: () => Promise<void>
    readonly clientId?: () => number
  } = {}
) => {
  const database = options.database ?? createMemoryDatabase()
  let fate: (operation: string) => Fate = () => 'proceed'
  const log = createMemoryLog({ database, fate: ({ operation }) => fate(operation) })
  const waiting: (() => void)[] = []
  let drawn = 0
  const store = createStore({
    log,
    shelf: log,
    randomId: () => `${options.name ?? 'tab'}-${Math.random().toString(36).slice(2)}-${drawn++}`,
    currentYear: options.year ?? 2026,
    ...(options.idle === undefined ? {} : { idle: options.idle }),
    ...(options.breather === undefined ? {} : { breather: options.breather }),
    ...(options.clientId === undefined ? {} : { clientId: options.clientId }),
    retryLater: (run) => waiting.push(run)
  })
  return {
    store,
    log,
    database,
    /** Decides what befalls transactions from now on, by the name of the log's operation. */
    setFate: (next: (operation: string) => Fate) => {
      fate = next
    },
    /** Lets time pass for waiting retries. */
    runRetries: () => {
      for (const run of waiting.splice(0)) run()
    }
  }
}
export type Tab = ReturnType<typeof openTab>

/** A command that has to succeed. */
export const say = async ({ store }: Tab, command: Command) => {
  const result = await store.dispatch(command)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

/** Says a command and takes it back. */
export const undo = async (tab: Tab, command: Command): Promise<void> => {
  const back = (await say(tab, command)).undo
  if (back === null) throw new Error('nothing to undo')
  await say(tab, back)
}

export const edit = (id: string, line: string): Command => ({
  kind: 'edit-entry',
  id: id as RecordId,
  year: 2026,
  change: { line }
})

export const remove = (id: string): Command => ({ kind: 'delete-entry', id: id as RecordId, year: 2026 })

/** Lets everything that is under way come to rest: only promises are at work. */
export const rest = async (): Promise<void> => {
  for (let i = 0; i < 200; i++) await Promise.resolve()
}

/** Carries all that one device holds to another, as sync would. */
export const carry = async (from: Tab, to: Tab): Promise<void> => {
  const paths = await from.log.documents()
  if (!paths.ok) throw new Error('documents')
  for (const path of paths.value) {
    const loaded = await from.log.load(path)
    if (!loaded.ok) throw new Error('load')
    const { base, rows } = loaded.value
    const all = [...(base === undefined ? [] : [base]), ...rows.map(({ update }) => update)]
    await to.log.appendLocal(path, docBytes.merge(all))
  }
  await rest()
}

export const practice = (id: string, change: Partial<PracticeRecord> = {}): PracticeRecord => {
  const startedAt = change.startedAt ?? STARTED_AT
  const day = civilDay(startedAt)
  const { breath, plan, name, id: patternId } = builtIn('4-6')
  return {
    kind: 'practice',
    id: id as RecordId,
    startedAt,
    day,
    year: yearOf(day),
    practisedMs: 300_000,
    cycles: 30,
    plan,
    pattern: { id: patternId, name, breath },
    ending: 'planned',
    before: 2,
    after: 4,
    line: 'light on the wall',
    tags: ['dawn'],
    ...change
  }
}

export const note = (id: string, line: string): JournalLine => ({
  kind: 'line',
  id: id as RecordId,
  writtenAt: STARTED_AT,
  day: civilDay(STARTED_AT),
  year: 2026,
  line,
  tags: []
})

export const entriesOf = (store: Store): readonly JournalEntry[] =>
  store.journal.get().years.flatMap((year) => (year.kind === 'open' ? year.days.flatMap(({ entries }) => entries) : []))

export const lineOf = (store: Store, id: string): string | undefined =>
  entriesOf(store).find((entry) => entry.id === id)?.line
