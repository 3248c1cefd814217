import { getPriority, setPriority } from 'node:os'
import process from 'node:process'
import { parentPort, workerData } from 'node:worker_threads'
import type { MergeCalls } from './merge-calls.ts'
import type { MergeReply, MergeRequest, MergeWorkerOptions } from './merge-messages.ts'

/** Yjs work that is too large for the thread of the sockets. Bytes are handed over, not copied, both ways. */

const port = parentPort
if (port === null) throw new Error('runs as a worker')

/** A tenth of what the others get where all want the same core: equal to them it kept every socket waiting for 3 to 4 ms at a time. */
const NICER = 10
const NICEST = 19

/** To Linux a thread has a priority of its own; elsewhere it would be the whole relay's. */
const yieldToOthers = (): void => {
  if (process.platform !== 'linux') return
  try {
    setPriority(Math.min(NICEST, getPriority() + NICER))
  } catch {
    // A sandbox may forbid it: then it works as the others do.
  }
}

if ((workerData as MergeWorkerOptions | null)?.isBackground === true) yieldToOthers()
// Only now, since loading it is the first of the work.
const { mergeCalls } = await import('./merge-calls.ts')

const run = ({ verb, given }: MergeRequest): unknown =>
  (mergeCalls[verb] as (...given: readonly unknown[]) => ReturnType<MergeCalls[typeof verb]>)(...given)

/** What is large in an answer: an update, or a base. */
const buffersOf = (value: unknown): ArrayBuffer[] => {
  const result = value as { readonly value?: { readonly bytes?: unknown } } | Uint8Array
  const bytes = result instanceof Uint8Array ? result : result.value?.bytes
  // A part of a larger buffer would take the rest with it.
  return bytes instanceof Uint8Array &&
    bytes.byteLength === bytes.buffer.byteLength &&
    bytes.buffer instanceof ArrayBuffer
    ? [bytes.buffer]
    : []
}

port.on('message', (request: MergeRequest) => {
  let reply: MergeReply
  try {
    reply = { kind: 'answer', value: run(request) }
  } catch (cause) {
    reply = { kind: 'failed', reason: cause instanceof Error ? cause.message : String(cause) }
  }
  port.postMessage(reply, reply.kind === 'answer' ? buffersOf(reply.value) : [])
})
