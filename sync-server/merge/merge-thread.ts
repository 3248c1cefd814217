import { Worker } from 'node:worker_threads'
import type { MergeReply, MergeRequest, MergeWorkerOptions } from './merge-messages.ts'

/** One thread: started when it is needed, ended when it has been idle for a while, so that its memory returns. */
export interface MergeThread {
  readonly isBusy: () => boolean
  /** @param transfer buffers in the request that are handed over. Rejects where the thread dies or takes too long; the next request starts it again. */
  run(request: MergeRequest, transfer: readonly ArrayBuffer[]): Promise<unknown>
  close(): Promise<void>
}

export interface MergeThreadOptions extends MergeWorkerOptions {
  readonly deadlineMs: number
  readonly idleMs: number
  readonly heapMegabytes: number
  readonly script: URL
}

export const createMergeThread = ({
  deadlineMs,
  idleMs,
  heapMegabytes,
  script,
  isBackground
}: MergeThreadOptions): MergeThread => {
  let worker: Worker | undefined
  let waiting: { resolve(value: unknown): void; reject(cause: Error): void } | undefined
  let timer: NodeJS.Timeout | undefined

  const settle = () => {
    clearTimeout(timer)
    const waiter = waiting
    waiting = undefined
    return waiter
  }

  const stop = (reason: string): void => {
    const ended = worker
    worker = undefined
    settle()?.reject(new Error(reason))
    void ended?.terminate()
  }

  const rest = (): void => {
    worker?.unref()
    timer = setTimeout(() => stop('idle'), idleMs)
    timer.unref()
  }

  const start = (): Worker => {
    // Test runners load modules in their own way; the worker is plain Node.
    const started = new Worker(script, {
      workerData: { isBackground } satisfies MergeWorkerOptions,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes }
    })
    const end = (cause: unknown): void => {
      if (worker === started) stop(cause instanceof Error ? cause.message : String(cause))
    }
    started.on('message', (reply: MergeReply) => {
      if (worker !== started) return
      const waiter = settle()
      rest()
      if (reply.kind === 'answer') waiter?.resolve(reply.value)
      else waiter?.reject(new Error(reply.reason))
    })
    started.on('error', end)
    started.on('exit', () => end('the merger has stopped'))
    return started
  }

  return {
    isBusy: () => waiting !== undefined,
    run(request, transfer) {
      clearTimeout(timer)
      worker ??= start()
      worker.ref()
      const asked = worker
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        timer = setTimeout(() => stop(`${request.verb} took longer than ${deadlineMs} ms`), deadlineMs)
        asked.postMessage(request, transfer)
      })
    },
    async close() {
      const ended = worker
      worker = undefined
      settle()?.reject(new Error('the merger is closed'))
      await ended?.terminate()
    }
  }
}
