import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import process from 'node:process'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { collectGarbage } from '#server/rooms/yjs.ts'
import { makeHistory } from '#testing/open-world/edits.ts'
import { createRandom } from '#testing/random.ts'
import { createInlineMerger } from './merge-calls.ts'
import { mergerContract } from './merger.contract.ts'
import { rebuild } from './rebuilding.ts'
import { createWorkerMerger } from './worker-merger.ts'

mergerContract('inline', createInlineMerger)
mergerContract('worker', createWorkerMerger)

const updates = makeHistory(createRandom(21), 2, 30)
const rows = updates.map((bytes, index) => ({ seq: index + 1, bytes }))

test('[OR11] a rewriting that loses a struct or a deletion, or deletes what nobody deleted, is noticed', () => {
  const faults: Record<string, (update: Uint8Array) => Uint8Array> = {
    'an edit is missing': () => collectGarbage(...updates.slice(0, -1)),
    'a first edit is missing': () => collectGarbage(...updates.slice(1)),
    'no deletions': (update) => {
      const { structs } = Y.decodeUpdate(update)
      const sv = new Map(structs.map(({ id }) => [id.client, 0]))
      return Y.diffUpdate(
        collectGarbage(...updates.filter((each) => Y.decodeUpdate(each).ds.clients.size === 0)),
        Y.encodeStateVector(sv)
      )
    },
    'all deleted': (update) => {
      const doc = new Y.Doc()
      Y.applyUpdate(doc, update)
      doc.clientID = Y.decodeUpdate(update).structs[0]?.id.client ?? 0
      doc.getText('text').delete(0, doc.getText('text').length)
      return Y.encodeStateAsUpdate(doc)
    },
    'bytes cut': (update) => update.slice(0, -2),
    'nothing at all': () => new Uint8Array([0, 0])
  }
  expect(rebuild(undefined, rows).ok).toBe(true)
  for (const [name, fault] of Object.entries(faults)) {
    expect(rebuild(undefined, rows, fault), name).toEqual({ ok: false, error: 'differs' })
  }
})

const SLEEPER = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ verb }) => {
      if (verb === 'diff') process.exit(7)
      if (verb === 'merge') for (;;);
      if (verb === 'inspect') parentPort.postMessage({ kind: 'answer', value: 'alive' })
    })
  `)}`
)

/** Threads are started within it, also on a machine that has much else to do. */
const DEADLINE_MS = 2_000

test('a thread that dies or never ends fails what it was asked, and the next request finds a new one', async () => {
  const merger = createWorkerMerger({ script: SLEEPER, deadlineMs: DEADLINE_MS })
  const nothing = new Uint8Array(2)
  await expect(merger.diff(nothing, nothing)).rejects.toThrow('stopped')
  expect(await merger.inspect(nothing)).toBe('alive')
  await expect(merger.merge([nothing])).rejects.toThrow(`longer than ${DEADLINE_MS} ms`)
  expect(await merger.inspect(nothing)).toBe('alive')
  await merger.close()
  await expect(merger.inspect(nothing)).rejects.toThrow('closed')
})

test('what waits is bounded in number and in bytes, and a rewriting does not hold up an answer', async () => {
  const merger = createWorkerMerger({ script: SLEEPER, queued: 2, queueBytes: 10 })
  const stuck = [0, 1, 2].map(() => merger.rebuild(new Uint8Array(4), []).catch((cause: Error) => cause.message))
  await expect(merger.rebuild(new Uint8Array(4), [])).rejects.toThrow('too much waits')
  const other = createWorkerMerger({ script: SLEEPER, queueBytes: 10 })
  const held = [0, 1].map(() => other.rebuild(new Uint8Array(6), []).catch((cause: Error) => cause.message))
  await expect(other.rebuild(new Uint8Array(6), [])).rejects.toThrow('too much waits')
  expect(await other.inspect(new Uint8Array(1))).toBe('alive')
  await Promise.all([merger.close(), other.close()])
  expect(await Promise.all([...stuck, ...held])).toEqual(Array(5).fill('the merger is closed'))
})

/** The nice value is the 19th field, the 17th after the name in parentheses (proc(5)). */
const priorities = (): readonly number[] =>
  readdirSync('/proc/self/task').map((task) =>
    Number(readFileSync(`/proc/self/task/${task}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[16])
  )

test.runIf(process.platform === 'linux')('a rewriting leaves the processor to all others', async () => {
  const merger = createWorkerMerger()
  const lower = (): number => priorities().filter((priority) => priority > getPriority()).length
  const before = lower()
  expect((await merger.diff(updates[0] ?? new Uint8Array(2), new Uint8Array(1))).byteLength).toBeGreaterThan(2)
  expect(lower()).toBe(before)
  expect((await merger.rebuild(undefined, rows)).ok).toBe(true)
  expect(lower()).toBe(before + 1)
  expect(priorities()).toContain(getPriority())
  await merger.close()
})
