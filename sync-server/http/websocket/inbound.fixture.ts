import { endInbound, type Inbound, type InboundLimits, type Listener, newInbound, receive } from './inbound.ts'

/** What one socket's bytes came to, in order. */
export type Told =
  | { readonly kind: 'message' | 'ping'; readonly bytes: Uint8Array }
  | { readonly kind: 'pong' }
  | { readonly kind: 'close'; readonly code: number | undefined }
  | { readonly kind: 'broken'; readonly code: number }

interface Reader extends Inbound {
  readonly told: Told[]
}

const listener: Listener<Reader> = {
  message: ({ told }, bytes) => {
    told.push({ kind: 'message', bytes })
  },
  ping: ({ told }, bytes) => {
    told.push({ kind: 'ping', bytes })
  },
  pong: ({ told }) => {
    told.push({ kind: 'pong' })
  },
  close: ({ told }, code) => {
    told.push({ kind: 'close', code })
  },
  crowded(reader) {
    endInbound(reader)
    reader.told.push({ kind: 'broken', code: 1013 })
  },
  broken: ({ told }, code) => {
    told.push({ kind: 'broken', code })
  }
}

export const limitsForTest = (limits: Partial<InboundLimits> = {}): InboundLimits => ({
  messageBytes: 1_000_000,
  fragments: 64,
  fragmentBytes: 1_024,
  reception: { bytes: 0, bound: 10_000_000 },
  ...limits
})

export const openReader = (limits = limitsForTest()) => {
  const told: Told[] = []
  const inbound: Reader = { ...newInbound(limits), told }
  return { told, inbound, read: (chunk: Uint8Array, now = 0) => receive(inbound, chunk, listener, now) }
}

interface ClientFrame {
  readonly opcode: number
  readonly payload?: Uint8Array
  readonly isLast?: boolean
  readonly mask?: readonly number[]
  /** Written as it is, whether it says the truth or not. */
  readonly length?: { readonly short: number; readonly long?: Uint8Array }
  readonly reserved?: number
}

/** A client's frame, written by the letter of RFC 6455 and by nothing of the code under test. */
export const clientFrame = (frame: ClientFrame): Uint8Array => {
  const { opcode, payload = new Uint8Array(0), isLast = true, mask = [1, 2, 3, 4], reserved = 0 } = frame
  const size = payload.length
  const length =
    frame.length ??
    (size < 126
      ? { short: size }
      : size < 65_536
        ? { short: 126, long: Uint8Array.of(size >> 8, size & 255) }
        : {
            short: 127,
            long: Uint8Array.of(0, 0, 0, 0, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255)
          })
  return join(
    Uint8Array.of((isLast ? 0x80 : 0) | reserved | opcode, (mask.length > 0 ? 0x80 : 0) | length.short),
    length.long ?? new Uint8Array(0),
    Uint8Array.from(mask),
    payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0))
  )
}

export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
