import { Worker } from 'node:worker_threads'
import { err, ok, type Result } from '#core/result.ts'
import type { Reply, Request, StoreCalls, StoreVerb, Verb, WorkerOptions } from './worker-messages.ts'

/** The relay's end of the store's thread: requests go out, answers come back by their ids. */

export interface StoreThread {
  /** @param transfer buffers in `given` that are handed over. Rejects where the thread failed or has ended. */
  call<V extends StoreVerb>(
    verb: V,
    given: Parameters<StoreCalls[V]>,
    transfer?: readonly ArrayBuffer[]
  ): Promise<Awaited<ReturnType<StoreCalls[V]>>>
  /** Resolves, with the reason, when the thread has ended without being asked to. */
  readonly failed: Promise<string>
  limitBytes(bytes: number | undefined): Promise<void>
  /** Gives back memory that was used for what is over. */
  rest(): Promise<void>
  close(): Promise<void>
}

interface Waiter {
  resolve(value: unknown): void
  reject(cause: Error): void
}

/** As V8 counts it: three semi-spaces. */
const YOUNG_MEGABYTES = 6

/** @returns the refusal as one line for the host where the store cannot be opened. */
export const startStoreThread = async (
  workerData: WorkerOptions,
  script = new URL('./worker.ts', import.meta.url)
): Promise<Result<StoreThread, string>> => {
  // Test runners load modules in their own way; the worker is plain Node.
  const worker = new Worker(script, {
    workerData,
    execArgv: [],
    // Requests live for a moment each: a larger young generation would only hold more garbage.
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES }
  })
  const waiters = new Map<number, Waiter>()
  let nextId = 1
  let ended: Error | undefined
  let opened: (refusal: string | undefined) => void = () => {}
  const opening = new Promise<string | undefined>((resolve) => {
    opened = resolve
  })

  let isClosing = false
  let fail: (reason: string) => void = () => {}
  const failed = new Promise<string>((resolve) => {
    fail = resolve
  })

  const onEnd = (cause: Error): void => {
    ended ??= cause
    if (!isClosing) fail(cause.message)
    opened(cause.message)
    for (const { reject } of waiters.values()) reject(cause)
    waiters.clear()
  }
  worker.on('message', (message: Reply) => {
    if (message.kind === 'open') return opened(undefined)
    if (message.kind === 'refused') return opened(message.refusal)
    const waiter = waiters.get(message.id)
    waiters.delete(message.id)
    if (message.kind === 'answer') waiter?.resolve(message.value)
    else waiter?.reject(new Error(message.reason))
  })
  worker.on('error', (cause) => onEnd(cause instanceof Error ? cause : new Error(String(cause))))
  worker.on('exit', () => onEnd(new Error('the store has stopped')))

  const ask = (verb: Verb, given: readonly unknown[], transfer: readonly ArrayBuffer[] = []): Promise<unknown> => {
    if (ended !== undefined) return Promise.reject(ended)
    const request: Request = { id: nextId++, verb, given }
    return new Promise((resolve, reject) => {
      waiters.set(request.id, { resolve, reject })
      worker.postMessage(request, transfer)
    })
  }

  const refusal = await opening
  if (refusal !== undefined) {
    await worker.terminate()
    return err(refusal)
  }
  return ok({
    call: (verb, given, transfer) => ask(verb, given, transfer) as ReturnType<StoreThread['call']> as never,
    failed,
    async limitBytes(bytes) {
      await ask('limit', [bytes])
    },
    async rest() {
      await ask('rest', [])
    },
    async close() {
      isClosing = true
      if (ended === undefined) await ask('close', [])
      await worker.terminate()
    }
  })
}
