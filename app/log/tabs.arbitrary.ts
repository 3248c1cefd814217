import * as Y from 'yjs'
import { docBytes } from '#app/store/bytes.ts'
import type { Cursor, DocPath, Foldable, RelayName, Row, RowId, SealedRow } from '#app/store/ports.ts'
import { bytesToHex } from '#core/bytes.ts'
import { seq } from '#core/ids.ts'
import { planFolds } from './local-compaction.ts'
import { createMemoryDatabase, createMemoryLog, type Fate, type MemoryLog } from './memory.ts'
import type { Step } from './steps.arbitrary.ts'

/**
 * Two tabs of one profile on one document, and a relay that another device writes to as well. Each step is one transaction or
 * less: what a tab read in one step it uses in a later one, when it may no longer be true.
 */

export const doc = 'journal/2026/0' as DocPath
const relayName = 'relay.example' as RelayName

interface Entry {
  /** Of this device's sealed rows; undefined for another device's. */
  readonly counter: number | undefined
  readonly bytes: Uint8Array
}

interface Tab {
  readonly log: MemoryLog
  readonly y: Y.Doc
  upTo: RowId
  rows: Foldable | undefined
  outbox: { readonly rows: readonly Row[]; readonly counter: number } | undefined
  cursor: Cursor | undefined
  /** Settles when the tab is killed. */
  readonly gone: Promise<void>
}

export interface Profile {
  run(step: Step): Promise<void>
  /** Every update that a resolved append or the relay has vouched for. */
  readonly promised: Uint8Array[]
  readonly relay: Entry[]
  readonly count: { raced: number; crashed: number; done: number; folded: number; received: number }
  tabs(): readonly Tab[]
  /** Whether the relay lacks anything that this device kept. */
  waits(): Promise<boolean>
  cursor(): Promise<Cursor>
  catchUp(tab: Tab): Promise<void>
  fresh(): Promise<readonly Uint8Array[]>
}

const must = <Value>(
  result: { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown }
): Value => {
  if (result.ok) return result.value
  throw new Error(JSON.stringify(result.error))
}

/** @param fate drawn for each write; a tab that it kills is opened again in the next step. */
export const createProfile = async (fate: () => Fate = () => 'proceed'): Promise<Profile> => {
  const database = createMemoryDatabase()
  const promised: Uint8Array[] = []
  const relay: Entry[] = []
  const sealedRows = new Set<RowId>()
  const sealedByCounter = new Map<number, string>()
  const count = { raced: 0, crashed: 0, done: 0, folded: 0, received: 0 }
  const remote = new Y.Doc()
  let clients = 1
  let known = 0
  remote.clientID = clients++

  const tell = (result: { readonly ok: boolean }) => {
    if (result.ok) count.done++
    else count.raced++
  }

  const openTab = async (): Promise<Tab> => {
    const { promise: gone, resolve: die } = Promise.withResolvers<void>()
    const log = createMemoryLog({
      database,
      fate: ({ mode }) => {
        const drawn = mode === 'read' ? 'proceed' : fate()
        if (drawn.startsWith('crash')) queueMicrotask(die)
        return drawn
      }
    })
    const y = new Y.Doc()
    y.clientID = clients++
    const tab: Tab = { log, y, upTo: 0 as RowId, rows: undefined, outbox: undefined, cursor: undefined, gone }
    await catchUp(tab)
    return tab
  }

  const catchUp = async (tab: Tab): Promise<void> => {
    const read = must(tab.upTo === 0 ? await tab.log.load(doc) : await tab.log.readAfter(doc, tab.upTo))
    for (const update of [read.base, ...read.rows.map((row) => row.update)])
      if (update) Y.applyUpdate(tab.y, update, 'log')
    tab.upTo = read.upTo
  }

  const edit = async (tab: Tab, change: (text: Y.Text) => void): Promise<void> => {
    let update: Uint8Array | undefined
    tab.y.once('update', (bytes: Uint8Array) => {
      update = bytes
    })
    tab.y.transact(() => change(tab.y.getText('note')))
    if (update === undefined) return
    must(await tab.log.appendLocal(doc, update))
    promised.push(update)
  }

  const seal = async (tab: Tab): Promise<void> => {
    if (tab.outbox === undefined) return
    const { rows, counter } = tab.outbox
    const bytes = docBytes.merge(rows.map((row) => row.update))
    const row: SealedRow = {
      counter,
      bytes,
      digest: new Uint8Array(32),
      innerHash: new Uint8Array(16).fill(counter),
      rows: rows.map((each) => each.id),
      epoch: 0
    }
    const result = await tab.log.keepSealed(doc, row)
    tell(result)
    for (const id of result.ok ? row.rows : []) {
      if (sealedRows.has(id)) throw new Error(`row ${id} was sealed twice`)
      sealedRows.add(id)
    }
  }

  /** As the relay does: once per content. A counter that comes with other content is what must never be. */
  const push = async (tab: Tab): Promise<void> => {
    for (const row of must(await tab.log.unacknowledged(doc, relayName))) {
      const before = sealedByCounter.get(row.counter)
      if (before === bytesToHex(row.bytes)) continue
      if (before !== undefined) throw new Error(`counter ${row.counter} was used twice`)
      sealedByCounter.set(row.counter, bytesToHex(row.bytes))
      relay.push({ counter: row.counter, bytes: row.bytes })
    }
  }

  const acknowledge = async (tab: Tab, at: number): Promise<void> => {
    const own = relay.flatMap((entry, index) =>
      entry.counter === undefined ? [] : [{ counter: entry.counter, seq: seq(index + 1) }]
    )
    const some = own.filter((_, index) => (at + index) % 3 !== 0)
    tell(await tab.log.acknowledge(doc, relayName, some))
  }

  const receive = async (tab: Tab): Promise<void> => {
    if (tab.cursor === undefined) return
    const from = tab.cursor
    const to = { seq: seq(relay.length), hash: new Uint8Array(16).fill(relay.length) }
    const stretch = relay.slice(from.seq)
    const result = await tab.log.receive(doc, relayName, {
      from,
      to: relay.length === 0 ? from : to,
      updates: stretch.flatMap((entry) => (entry.counter === undefined ? [entry.bytes] : [])),
      covers: [],
      opaque: [],
      tailBytes: 0,
      snapshotBytes: 0,
      own: stretch.flatMap((entry, index) =>
        entry.counter === undefined ? [] : [{ counter: entry.counter, seq: seq(from.seq + index + 1) }]
      )
    })
    tell(result)
    if (!result.ok) return
    count.received += stretch.length
    for (const entry of stretch) promised.push(entry.bytes)
  }

  const fold = async (tab: Tab, state: 'confirmed' | 'unsealed', at: number): Promise<void> => {
    const found = tab.rows
    const plan = found && planFolds(found, true).find((each) => each.state === state)
    if (found === undefined || plan === undefined) return
    // Any part of them: so that two folds of one base need not name the same row.
    const ids = plan.rows.filter((_, index) => (at + index) % 2 === 0)
    const rows = [...found.confirmed, ...found.unsealed].filter((row) => ids.includes(row.id))
    const updates = rows.map((row) => row.update)
    const bytes =
      state === 'unsealed' ? docBytes.merge(updates) : docBytes.compact(found.base ? [found.base, ...updates] : updates)
    const result = await tab.log.fold(doc, { ...plan, rows: ids, bytes })
    tell(result)
    if (result.ok) count.folded++
  }

  const remoteEdit = (at: number): void => {
    for (const entry of relay.slice(known)) Y.applyUpdate(remote, entry.bytes)
    known = relay.length
    const text = remote.getText('note')
    const before = Y.encodeStateVector(remote)
    if (at % 4 === 0 && text.length > 3) text.delete(at % (text.length - 2), 2)
    else text.insert(at % (text.length + 1), `r${at}`)
    relay.push({ counter: undefined, bytes: Y.encodeStateAsUpdate(remote, before) })
  }

  const act = async (tab: Tab, { kind, at }: Step): Promise<void> => {
    const text = tab.y.getText('note')
    if (kind === 'type') await edit(tab, (note) => note.insert(at % (note.length + 1), `t${at}`))
    if (kind === 'delete' && text.length > 3) await edit(tab, (note) => note.delete(at % (note.length - 2), 2))
    if (kind === 'catch-up') await catchUp(tab)
    if (kind === 'look-at-rows') tab.rows = must(await tab.log.foldable(doc))
    if (kind === 'fold-confirmed') await fold(tab, 'confirmed', at)
    if (kind === 'fold-unsealed') await fold(tab, 'unsealed', at)
    if (kind === 'look-at-outbox') {
      const [rows, author] = [must(await tab.log.unsealed(doc)), must(await tab.log.author(doc))]
      // Any part of them: so that two tabs may want one counter for different rows.
      const some = rows.filter((_, index) => (at + index) % 2 === 0 || rows.length === 1)
      tab.outbox = some.length > 0 ? { rows: some, counter: author.counter + 1 } : undefined
    }
    if (kind === 'seal') await seal(tab)
    if (kind === 'push') await push(tab)
    if (kind === 'acknowledge') await acknowledge(tab, at)
    if (kind === 'look-at-relay') tab.cursor = must(await tab.log.shard(doc, relayName)).cursor
    if (kind === 'receive') await receive(tab)
    if (kind === 'remote-edit') remoteEdit(at)
  }

  const tabs = [await openTab(), await openTab()]
  return {
    promised,
    relay,
    count,
    tabs: () => tabs,
    catchUp,
    run: async (step) => {
      const tab = tabs[step.tab] as Tab
      const ended = await Promise.race([
        act(tab, step).then(() => 'acted' as const),
        tab.gone.then(() => 'gone' as const)
      ])
      if (ended === 'gone') count.crashed++
      if (ended === 'gone' || step.kind === 'reload') tabs[step.tab] = await openTab()
    },
    cursor: async () => must(await createMemoryLog({ database }).shard(doc, relayName)).cursor,
    waits: async () => must(await createMemoryLog({ database }).waiting(relayName)).length > 0,
    fresh: async () => {
      const log = createMemoryLog({ database })
      const loaded = must(await log.load(doc))
      return loaded.base === undefined
        ? loaded.rows.map((row) => row.update)
        : [loaded.base, ...loaded.rows.map((row) => row.update)]
    }
  }
}
