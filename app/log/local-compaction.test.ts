import { expect, test } from 'vitest'
import type { DocPath, Foldable, LogFailure, Row, RowId } from '#app/store/ports.ts'
import { createLocalCompaction, foldDocument, planFolds } from './local-compaction.ts'
import { bytes, confirmedRows, journal, library, must } from './log.fixture.ts'
import { createMemoryDatabase, createMemoryLog, type Fate } from './memory.ts'

/** Joins updates as a list of bytes, so that a test can read what was folded. */
const listBytes = {
  compact: (updates: readonly Uint8Array[]) => Uint8Array.from(updates.flatMap((update) => [...update])),
  merge: (updates: readonly Uint8Array[]) => Uint8Array.from(updates.flatMap((update) => [...update]))
}

const rowsOf = (count: number, size: number, from = 1): readonly Row[] =>
  Array.from({ length: count }, (_, index) => ({ id: (from + index) as RowId, update: new Uint8Array(size) }))
const foldable = (more: Partial<Foldable>): Foldable => ({
  base: undefined,
  baseId: 0 as RowId,
  confirmed: [],
  unsealed: [],
  ...more
})
const planned = (found: Partial<Foldable>, all = false) =>
  planFolds(foldable(found), all).map((fold) => [fold.state, fold.rows.length])

test('[LG43] many confirmed rows are worth a fold, or heavy ones beside a light base; unsealed ones from twenty on', () => {
  expect(planned({ confirmed: rowsOf(99, 10), unsealed: rowsOf(19, 10, 200) })).toEqual([])
  expect(planned({ confirmed: rowsOf(100, 10) })).toEqual([['confirmed', 100]])
  expect(planned({ confirmed: rowsOf(4, 8_000) })).toEqual([['confirmed', 4]])
  expect(planned({ base: new Uint8Array(80_000), confirmed: rowsOf(4, 8_000) })).toEqual([])
  expect(planned({ unsealed: rowsOf(20, 10) })).toEqual([['unsealed', 20]])
})

test('[LG44] compact folds everything there is', async () => {
  expect(planned({ confirmed: rowsOf(1, 10), unsealed: rowsOf(2, 10, 5) }, true)).toEqual([
    ['confirmed', 1],
    ['unsealed', 2]
  ])
  const log = createMemoryLog()
  await confirmedRows(log, 3)
  await must(log.appendLocal(journal, bytes(8)))
  await must(log.appendLocal(journal, bytes(9)))
  expect(await foldDocument(log, listBytes, journal, true)).toEqual({ ok: true, value: { folded: 5 } })
  const loaded = await must(log.load(journal))
  expect(loaded.base).toEqual(bytes(1, 2, 3))
  expect(loaded.rows.map((row) => row.update)).toEqual([bytes(8, 9)])
})

test('[LG44] folding waits for an idle moment, one document in each, and ends with close', async () => {
  const log = createMemoryLog()
  for (let n = 0; n < 25; n++) {
    await must(log.appendLocal(journal, bytes(n)))
    await must(log.appendLocal(library, bytes(n)))
  }
  let idle: (() => unknown)[] = []
  const compaction = createLocalCompaction({
    log,
    docBytes: listBytes,
    whenIdle: (run) => {
      idle = [...idle, run]
      return () => {
        idle = idle.filter((each) => each !== run)
      }
    }
  })
  const rows = async (doc: DocPath) => (await must(log.load(doc))).rows.length
  const moment = async () => {
    const [run, ...rest] = idle
    idle = rest
    await run?.()
  }
  for (const doc of [journal, library, journal]) compaction.consider(doc)
  expect([await rows(journal), await rows(library), idle.length]).toEqual([25, 25, 1])
  await moment()
  expect([await rows(journal), await rows(library), idle.length]).toEqual([1, 25, 1])
  compaction.close()
  expect(idle).toEqual([])
  compaction.consider(library)
  expect([await rows(library), idle.length]).toEqual([25, 0])
})

test('[LG44] a document is looked at once, and then after every twenty changes', () => {
  let looks = 0
  const compaction = createLocalCompaction({
    log: {
      ...createMemoryLog(),
      foldable: async () => {
        looks++
        return { ok: true, value: foldable({}) }
      }
    },
    docBytes: listBytes,
    whenIdle: (run) => {
      run()
      return () => {}
    }
  })
  compaction.consider(journal)
  expect(looks).toBe(1)
  for (let n = 0; n < 20; n++) compaction.consider(journal)
  expect(looks).toBe(1)
})

test('[LG45] unsealed rows are folded as far as they fit an entry', () => {
  const heavy = [...rowsOf(30, 20_000), ...rowsOf(1, 300_000, 31), ...rowsOf(2, 100, 32)]
  expect(planned({ unsealed: heavy })).toEqual([
    ['unsealed', 12],
    ['unsealed', 12],
    ['unsealed', 6],
    ['unsealed', 2]
  ])
})

test('[LG46] a raced fold is no failure, want of space is one, and both leave the document as it was', async () => {
  const database = createMemoryDatabase()
  let fate: Fate = 'proceed'
  const log = createMemoryLog({ database, fate: ({ operation }) => (operation === 'fold' ? fate : 'proceed') })
  await confirmedRows(log, 2)
  const before = await must(log.load(journal))
  fate = 'quota'
  expect(await foldDocument(log, listBytes, journal, true)).toEqual({ ok: false, error: { kind: 'quota' } })
  const failures: LogFailure[] = []
  const compaction = createLocalCompaction({
    log: { ...log, foldable: async () => ({ ok: true, value: foldable({ confirmed: rowsOf(100, 1) }) }) },
    docBytes: listBytes,
    whenIdle: (run) => {
      run()
      return () => {}
    },
    report: (_, failure) => failures.push(failure)
  })
  compaction.consider(journal)
  await expect.poll(() => failures).toEqual([{ kind: 'quota' }])
  expect(await must(log.load(journal))).toEqual(before)
  fate = 'proceed'
  const other = createMemoryLog({ database })
  const raced = {
    ...log,
    fold: async (...fold: Parameters<typeof log.fold>) => {
      await foldDocument(other, listBytes, journal, true)
      return log.fold(...fold)
    }
  }
  expect(await foldDocument(raced, listBytes, journal, true)).toEqual({ ok: true, value: { folded: 0 } })
  expect((await must(log.load(journal))).base).toEqual(bytes(1, 2))
})
