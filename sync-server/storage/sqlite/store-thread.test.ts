import { expect, test } from 'vitest'
import { startStoreThread } from './store-thread.ts'
import type { WorkerOptions } from './worker-messages.ts'

const OPTIONS: WorkerOptions = {
  path: '',
  ledgerPath: '',
  rootBytes: 0,
  roomBytes: 0,
  maxBytes: undefined,
  synchronous: 'FULL'
}
/** A thread that opens, and dies at the first request. */
const DYING = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads'
    parentPort.postMessage({ kind: 'open' })
    parentPort.on('message', () => { throw new Error('out of memory') })
  `)}`
)

test('a thread that dies fails what waited, what comes later, and says so', async () => {
  const started = await startStoreThread(OPTIONS, DYING)
  if (!started.ok) throw new Error(started.error)
  const thread = started.value
  const waiting = [thread.call('loadRooms', [['a']]), thread.call('usage', [1])]
  for (const each of waiting) await expect(each).rejects.toThrow('out of memory')
  expect(await thread.failed).toBe('out of memory')
  await expect(thread.call('loadRooms', [['a']])).rejects.toThrow('out of memory')
  await thread.close()
})
