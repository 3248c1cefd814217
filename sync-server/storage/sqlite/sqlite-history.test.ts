import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seq } from '#core/ids.ts'
import {
  bytes,
  certificate,
  chainOf,
  type Log,
  proofOf,
  rootA,
  rootB,
  sha256,
  shard,
  snapshotTo
} from '#server/rooms/entry-log-verbs.contract.ts'
import type { StoredEntry } from '#server/rooms/ports.ts'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createMemoryLog } from '#server/storage/memory/memory-log.ts'
import { openSqliteLog } from './sqlite-log.ts'

/** The store remembers roots and heads; the memory's store remembers nothing apart. Whatever happens in between, both answer the same. */

const ROOT_BYTES = 400

const anyPlace = fc.record({ root: fc.constantFrom(rootA, rootB), shard: fc.constantFrom(shard(1), shard(2)) })
/** Few bodies, so that many are known already; and sizes that fill a root. */
const anyPush = fc.record({
  place: anyPlace,
  epoch: fc.constantFrom(0, 0, 0, 1),
  bodies: fc.array(fc.tuple(fc.nat(12), fc.constantFrom(3, 40)), { minLength: 1, maxLength: 4 })
})
const anyStep = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      pushes: fc.array(anyPush, { minLength: 1, maxLength: 3 })
    })
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('snapshot' as const), place: anyPlace, size: fc.constantFrom(5, 90) })
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('adopt' as const), place: anyPlace, epoch: fc.constantFrom(0, 1) })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('erase' as const),
      place: anyPlace,
      isWhole: fc.constantFrom(true, false, false, false)
    })
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) }
)
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each) => (each instanceof Uint8Array ? [...each] : each)))

const live = async (log: Log, step: Exclude<Step, { kind: 'reopen' }>): Promise<unknown> => {
  switch (step.kind) {
    case 'append':
      return log.append(
        step.pushes.map(({ place, epoch, bodies }) => ({
          ...place,
          epoch,
          entries: bodies.map(([n, size]) => bytes(`entry ${n}`, size))
        }))
      )
    case 'snapshot': {
      const all = await log.readAfter(step.place, seq(0), chainOf(step.place, [])[0] as Uint8Array, 1e6)
      const last: StoredEntry | undefined = all.ok ? all.value.entries.at(-1) : undefined
      return log.snapshot(step.place, 0, snapshotTo(last?.seq ?? 0, last?.hash, bytes('s', step.size)))
    }
    case 'adopt':
      return log.adopt(step.place.root, step.epoch, certificate)
    case 'erase':
      return log.erase(proofOf(step.place.root, step.isWhole ? undefined : step.place.shard), 7)
  }
}

const bothEnds = async (log: Log): Promise<unknown> => {
  const places = [rootA, rootB].flatMap((root) => [1, 2].map((n) => ({ root, shard: shard(n) })))
  return { heads: await log.heads(places), usage: await log.usage(10) }
}

test('a long random history is answered as by a store that remembers nothing apart', async () => {
  let checked = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 30, maxLength: 80 }), async (steps) => {
      const directory = await mkdtemp(join(tmpdir(), 'council-log-'))
      const open = async (): Promise<Log> => {
        const [path, ledgerPath] = [join(directory, 'council.db'), join(directory, 'erasures')]
        const opened = await openSqliteLog({
          path,
          ledgerPath,
          now: () => 0,
          rootBytes: ROOT_BYTES,
          synchronous: 'OFF'
        })
        if (!opened.ok) throw new Error(opened.error)
        return opened.value
      }
      const memory = createMemoryLog({
        disk: createMemoryDisk(),
        ledger: [],
        sha256,
        now: () => 0,
        rootBytes: ROOT_BYTES
      })
      let log = await open()
      try {
        for (const root of [rootA, rootB])
          await Promise.all([log, memory].map((each) => each.adopt(root, 0, certificate)))
        for (const step of steps) {
          if (step.kind === 'reopen') {
            await log.close()
            log = await open()
          } else {
            const expected = plain(await live(memory, step))
            expect(plain(await live(log, step)), step.kind).toEqual(expected)
            if (JSON.stringify(expected).includes('"fresh":[{')) checked++
          }
        }
        expect(plain(await bothEnds(log))).toEqual(plain(await bothEnds(memory)))
      } finally {
        await log.close()
        await rm(directory, { recursive: true })
      }
    }),
    { numRuns: 8, endOnFailure: true }
  )
  expect(checked).toBeGreaterThan(30)
}, 30_000)
