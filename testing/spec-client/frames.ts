import { ascii, bytes, concat, createReader, list, type Reader, text, toHex, u8, varuint } from './codec.ts'

/** Section 6: the frames this client sends and reads. */

const at = (type: number, ch: number, ...rest: readonly Uint8Array[]): Uint8Array =>
  concat(u8(type), varuint(ch), ...rest)

export const write = {
  open: (ch: number, rootId: string) => at(1, ch, ascii(rootId)),
  auth: (ch: number, certificate: Uint8Array, signature: Uint8Array, host: string) =>
    at(2, ch, bytes(certificate), signature, text(host), text('')),
  pull: (ch: number, shard: Uint8Array, after: number, hash: Uint8Array) => at(3, ch, shard, varuint(after), hash),
  push: (ch: number, shard: Uint8Array, ref: number, entries: readonly Uint8Array[]) =>
    at(4, ch, shard, varuint(ref), list(entries.map(bytes))),
  snap: (ch: number, shard: Uint8Array, ref: number, c: Chunk) =>
    at(
      5,
      ch,
      shard,
      varuint(ref),
      varuint(c.from),
      varuint(c.to),
      c.hashTo,
      varuint(c.index),
      varuint(c.count),
      bytes(c.chunk)
    ),
  eraseRoot: (ch: number, rootId: string, rootKey: Uint8Array, signature: Uint8Array) =>
    at(8, ch, ascii(rootId), u8(0), rootKey, signature)
}

const readChunk = (r: Reader) => ({
  from: r.varuint(),
  to: r.varuint(),
  hashTo: r.fixed(16),
  index: r.varuint(),
  count: r.varuint(),
  chunk: r.bytes()
})

export type Chunk = ReturnType<typeof readChunk>

const optional = <Value>(r: Reader, read: () => Value): Value | undefined => (r.u8() === 1 ? read() : undefined)
const shardOf = (r: Reader): string => toHex(r.fixed(16))

const bodies = {
  32: (r: Reader) => ({ type: 'challenge' as const, challenge: r.fixed(32), relayKey: r.fixed(32) }),
  33: (r: Reader) => ({ type: 'ready' as const, floor: r.varuint() }),
  34: (r: Reader) => ({
    type: 'nack' as const,
    shard: optional(r, () => shardOf(r)),
    ref: optional(r, r.varuint),
    code: r.varuint(),
    retryAfterMs: r.varuint(),
    detail: r.bytes()
  }),
  35: (r: Reader) => ({
    type: 'entries' as const,
    shard: shardOf(r),
    from: r.varuint(),
    items: r.list(() => (r.u8() === 0 ? { entry: r.bytes() } : { digest: r.fixed(32) }))
  }),
  36: (r: Reader) => ({ type: 'snapshot' as const, shard: shardOf(r), ...readChunk(r) }),
  37: (r: Reader) => ({
    type: 'head' as const,
    shard: shardOf(r),
    seq: r.varuint(),
    hash: r.fixed(16),
    peers: r.varuint()
  }),
  38: (r: Reader) => ({
    type: 'ack' as const,
    shard: shardOf(r),
    ref: r.varuint(),
    seqs: r.list(r.varuint),
    hash: r.fixed(16)
  }),
  41: (r: Reader) => ({ type: 'erased' as const, proof: r.bytes(), receipt: r.bytes() })
}

type Body = { [Type in keyof typeof bodies]: ReturnType<(typeof bodies)[Type]> }[keyof typeof bodies]
export type RelayFrame = Body & { readonly ch: number }

/** undefined for frames this client has no use for (TIER, EPH, TIME, PAUSE, GOAWAY). */
export const readFrame = (input: Uint8Array): RelayFrame | undefined => {
  const r = createReader(input)
  const type = r.u8()
  if (!(type in bodies)) return undefined
  const ch = r.varuint()
  const body = bodies[type as keyof typeof bodies](r)
  r.end()
  return { ...body, ch }
}
