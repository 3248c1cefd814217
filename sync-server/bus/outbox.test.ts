import { expect, test } from 'vitest'
import { createBusCounters } from './bus-parts.ts'
import { createOutbox, OUTBOX_BYTES, type Outgoing } from './outbox.ts'

const turn = (): Promise<void> => new Promise((done) => setImmediate(done))
const message = new Uint8Array(10)

/** A broker that takes a batch when told to. */
const slowBroker = () => {
  const batches: { readonly topics: readonly string[]; readonly isAfterLoss: boolean }[] = []
  const waiting: { readonly done: () => void; readonly fail: (reason: Error) => void }[] = []
  return {
    batches,
    send: (batch: readonly Outgoing[], isAfterLoss: boolean): Promise<void> => {
      batches.push({ topics: batch.map(({ topic }) => topic), isAfterLoss })
      return new Promise((done, fail) => waiting.push({ done, fail }))
    },
    async takes(): Promise<void> {
      waiting.shift()?.done()
      await turn()
    },
    async refuses(): Promise<void> {
      waiting.shift()?.fail(new Error('refused'))
      await turn()
    }
  }
}

test('[BU19] what one turn publishes leaves together, and what comes meanwhile leaves together after it', async () => {
  const counters = createBusCounters()
  const outbox = createOutbox(counters)
  const broker = slowBroker()
  outbox.open(broker.send)
  outbox.add('a', message)
  await Promise.resolve()
  outbox.add('b', message)
  expect(broker.batches).toEqual([])
  await turn()
  expect(broker.batches).toEqual([{ topics: ['a', 'b'], isAfterLoss: false }])
  outbox.add('c', message)
  await turn()
  outbox.add('d', message)
  await turn()
  expect(broker.batches).toHaveLength(1)
  await broker.takes()
  expect(broker.batches.slice(1)).toEqual([{ topics: ['c', 'd'], isAfterLoss: false }])
  expect(counters.sent).toBe(2)
  let isIdle = false
  const idle = outbox.idle().then(() => {
    isIdle = true
  })
  await turn()
  expect(isIdle).toBe(false)
  await broker.takes()
  await idle
  expect(counters).toMatchObject({ sent: 4, dropped: 0 })
})

test('[BU13] beyond its bound everything that waits is dropped, and the next batch says so, once', async () => {
  const counters = createBusCounters()
  const outbox = createOutbox(counters)
  const broker = slowBroker()
  outbox.open(broker.send)
  outbox.add('first', message)
  await turn()
  const large = new Uint8Array(100_000)
  const fit = Math.floor(OUTBOX_BYTES / 100_200)
  for (let i = 0; i < fit; i++) outbox.add('large', large)
  expect(counters.dropped).toBe(0)
  for (let i = 0; i < 3; i++) outbox.add('newest', large)
  expect(counters.dropped).toBe(fit)
  await broker.takes()
  await broker.takes()
  expect(broker.batches.slice(1)).toEqual([{ topics: ['newest', 'newest', 'newest'], isAfterLoss: true }])
  outbox.add('later', message)
  await turn()
  expect(broker.batches.at(-1)).toEqual({ topics: ['later'], isAfterLoss: false })
})

test('[BU13] tiny messages count for more than their bytes', () => {
  const counters = createBusCounters()
  const outbox = createOutbox(counters)
  outbox.open(() => new Promise(() => {}))
  for (let i = 0; i < 60_000; i++) outbox.add('', new Uint8Array(0))
  expect(counters.dropped).toBe(40_000)
})

test('[BU13] a batch that failed is lost, those after it are not, and the loss is told', async () => {
  const counters = createBusCounters()
  const outbox = createOutbox(counters)
  const broker = slowBroker()
  outbox.open(broker.send)
  outbox.add('a', message)
  await turn()
  outbox.add('b', message)
  await broker.refuses()
  await turn()
  expect(broker.batches.at(-1)).toEqual({ topics: ['b'], isAfterLoss: true })
  expect(counters.dropped).toBe(1)
})

test('[BU10] what is published while the broker is away is dropped, and told when it is back though nothing follows', async () => {
  const counters = createBusCounters()
  const outbox = createOutbox(counters)
  outbox.add('a', message)
  await outbox.idle()
  const broker = slowBroker()
  outbox.open(broker.send)
  await turn()
  expect(broker.batches).toEqual([{ topics: [], isAfterLoss: true }])
  await broker.takes()
  outbox.add('b', message)
  outbox.shut()
  expect(counters.dropped).toBe(2)
  await turn()
  expect(broker.batches).toHaveLength(1)
})
