import { createTurn } from './flush.ts'
import { openOutbound, type Sink } from './outbound.ts'

export const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 13 + 5) & 255)

/** A socket whose system takes bytes only when told to. */
const createSink = () => {
  const writes: Uint8Array[][] = []
  let corked: Uint8Array[] | undefined
  const waiting: { bytes: Uint8Array; done: ((failed?: Error) => void) | undefined }[] = []
  let capacity = Number.POSITIVE_INFINITY
  const state = { ends: 0 }
  const put = (part: Uint8Array): void => {
    if (corked === undefined) writes.push([part])
    else corked.push(part)
  }
  const sink: Sink = {
    write(part, done) {
      if (part.length > 0) put(part)
      if (waiting.length === 0 && part.length <= capacity) {
        capacity -= part.length
        done?.()
      } else waiting.push({ bytes: part, done })
      return true
    },
    cork() {
      corked = []
    },
    uncork() {
      if (corked !== undefined) writes.push(corked)
      corked = undefined
    },
    end() {
      state.ends++
    },
    get writableLength() {
      return waiting.reduce((sum, each) => sum + each.bytes.length, 0)
    }
  }
  return {
    sink,
    writes,
    state,
    stall() {
      capacity = 0
    },
    /** The peer reads all there is. */
    take(more = 0) {
      capacity = more
      for (const each of waiting.splice(0)) each.done?.()
    },
    sent: () => new Uint8Array(Buffer.concat(writes.flat()))
  }
}

export const rig = () => {
  const runs: (() => void)[] = []
  const turn = createTurn((run) => runs.push(run))
  const peer = createSink()
  let drained = 0
  const outbound = openOutbound(peer.sink, turn, () => {
    drained++
  })
  return {
    ...peer,
    outbound,
    turn,
    /** The turn of the event loop ends. @returns whether there was anything to do */
    endTurn: (): boolean => {
      const now = runs.splice(0)
      for (const run of now) run()
      return now.length > 0
    },
    drained: () => drained
  }
}

/** Frames of a server as [first byte, payload length]. */
export const shapes = (stream: Uint8Array): readonly (readonly [number, number])[] => {
  const view = new DataView(stream.buffer, stream.byteOffset)
  const found: (readonly [number, number])[] = []
  for (let at = 0; at < stream.length; ) {
    const short = view.getUint8(at + 1)
    const [head, size] =
      short === 127 ? [10, Number(view.getBigUint64(at + 2))] : short === 126 ? [4, view.getUint16(at + 2)] : [2, short]
    found.push([view.getUint8(at), size])
    at += head + size
  }
  return found
}

/** The messages a peer would put together. */
export const messagesIn = (stream: Uint8Array): readonly Uint8Array[] => {
  const messages: Uint8Array[] = []
  let parts: Uint8Array[] = []
  let at = 0
  for (const [first, size] of shapes(stream)) {
    at += size < 126 ? 2 : size < 65_536 ? 4 : 10
    if ((first & 0x0f) <= 2) parts.push(stream.subarray(at, at + size))
    if ((first & 0x8f) === 0x82 || (first & 0x8f) === 0x80) {
      messages.push(new Uint8Array(Buffer.concat(parts)))
      parts = []
    }
    at += size
  }
  return messages
}
