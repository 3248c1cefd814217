import { randomBytes } from 'node:crypto'
import { entropyToPhrase } from '#app/vault/phrase.ts'
import { SEALED_SUBPROTOCOLS } from '#core/close-codes.ts'
import { ascii, concat, label, text } from '#testing/spec-client/codec.ts'
import { KIND, seal } from '#testing/spec-client/entries.ts'
import { write } from '#testing/spec-client/frames.ts'
import { type Device, deriveRoot, newDevice, type Root, sha256 } from '#testing/spec-client/keys.ts'
import { clientFrame } from './frames.ts'
import type { RunningServer } from './process.ts'
import { openSocket, type PlainSocket } from './socket.ts'
import { varuintAt } from './updates.ts'

/** A device of the sealed log as far as a load needs it: real roots, certificates and entries, sealed and signed before the clock starts. */

export const sealedRoot = (name: string): Root =>
  deriveRoot(entropyToPhrase(sha256(ascii(`bench ${name}`)).slice(0, 16)).join(' '), 0)

export interface Author {
  readonly device: Device
  /** The next entry of this device in the shard. */
  entry(kind: number, body: Uint8Array): Uint8Array
  /** How far it came. */
  readonly line: { counter: number; innerHash: Uint8Array }
}

/** It begins with its certificate, which has to be pushed first. */
export const createAuthor = (
  root: Root,
  shard: Uint8Array
): { readonly author: Author; readonly first: Uint8Array } => {
  const device = newDevice(root)
  const line = { counter: 0, innerHash: new Uint8Array(16) as Uint8Array }
  const seen = { relay: new Uint8Array(4), seq: 0, hash: new Uint8Array(16) }
  const entry = (kind: number, body: Uint8Array): Uint8Array => {
    const sealed = seal(root, shard, device, { kind, counter: line.counter + 1, prev: line.innerHash, seen, body })
    line.counter += 1
    line.innerHash = sealed.innerHash
    return sealed.entry
  }
  return { author: { device, entry, line }, first: entry(KIND.certificate, device.certificate) }
}

/** Version, suite, kind and epoch 0 are a byte each; then the nonce, of which six bytes tell entries apart. */
const NONCE_AT = 4
const KIND_AT = 2
export const entryKey = (entry: Uint8Array, at = 0): number =>
  (entry[at + NONCE_AT] as number) * 2 ** 40 +
  (entry[at + NONCE_AT + 1] as number) * 2 ** 32 +
  (((entry[at + NONCE_AT + 2] as number) << 24) |
    ((entry[at + NONCE_AT + 3] as number) << 16) |
    ((entry[at + NONCE_AT + 4] as number) << 8) |
    (entry[at + NONCE_AT + 5] as number)) +
  2 ** 31

const TYPE = { challenge: 32, ready: 33, nack: 34, entries: 35, snapshot: 36, head: 37, ack: 38 } as const
const SHARD_BYTES = 16
const HASH_BYTES = 16
const DIGEST_BYTES = 32

export interface Place {
  readonly seq: number
  readonly hash: Uint8Array
}

export interface SealedOptions {
  readonly server: RunningServer
  readonly root: Root
  readonly shard: Uint8Array
  readonly localAddress?: string
  /** Where to PULL from; undefined: everything. */
  readonly after?: Place
  /** An update that came whole, not an own one's digest. */
  readonly onEntry?: (key: number) => void
  readonly onAck?: (place: Place) => void
  /** Asked to send the push `ref` again after so long, as a device does; without it a NACK fails the run. */
  readonly onRefused?: (ref: number, retryMs: number) => void
  readonly record?: boolean
}

export interface SealedClient {
  readonly socket: PlainSocket
  /** Of HEAD, the answer to the first PULL. */
  readonly head: Place
  readonly recorded: readonly Uint8Array[]
  /** What came in its chunks, where `record` was asked for. */
  snapshot(): Uint8Array
  /** NACKs. */
  refusals(): number
  close(): void
}

/** One PUSH, framed. */
export const pushFrame = (shard: Uint8Array, ref: number, ...entries: readonly Uint8Array[]): Buffer =>
  clientFrame(write.push(0, shard, ref, entries))

/** Resolves at HEAD: proven, subscribed and with everything there. */
export const openSealed = async (options: SealedOptions): Promise<SealedClient> => {
  const { server, root, shard, onEntry, onAck, record = false } = options
  const host = `localhost:${server.port}`
  const after = options.after ?? { seq: 0, hash: new Uint8Array(HASH_BYTES) }
  const recorded: Uint8Array[] = []
  const chunks: Uint8Array[] = []
  let refusals = 0
  let opened: PlainSocket | undefined
  let arrive: (place: Place) => void = () => {}
  let fail: (cause: Error) => void = () => {}
  const head = new Promise<Place>((resolve, reject) => {
    arrive = resolve
    fail = reject
  })

  const takeEntries = (bytes: Buffer, start: number): void => {
    let at = varuintAt(bytes, start + SHARD_BYTES)
    at = varuintAt(bytes, at)
    for (let left = varuintAt.value; left > 0; left--) {
      if (bytes[at] === 1) {
        at += 1 + DIGEST_BYTES
        continue
      }
      at = varuintAt(bytes, at + 1)
      const size = varuintAt.value
      if (record) recorded.push(new Uint8Array(bytes.subarray(at, at + size)))
      if (onEntry !== undefined && bytes[at + KIND_AT] === KIND.update) onEntry(entryKey(bytes, at))
      at += size
    }
  }

  const takeChunk = (bytes: Buffer, start: number): void => {
    // from, to, hash, index, count, then the bytes.
    let at = varuintAt(bytes, varuintAt(bytes, start + SHARD_BYTES)) + HASH_BYTES
    at = varuintAt(bytes, at)
    // The first chunk again: a newer snapshot has taken its place.
    if (varuintAt.value === 0) chunks.length = 0
    at = varuintAt(bytes, varuintAt(bytes, at))
    chunks.push(new Uint8Array(bytes.subarray(at, at + varuintAt.value)))
  }

  const prove = (bytes: Buffer, at: number): void => {
    const challenge = bytes.subarray(at, at + 32)
    const relayKey = bytes.subarray(at + 32, at + 64)
    const proof = concat(label('auth'), text(host), relayKey, ascii(root.rootId), challenge)
    opened?.send(write.auth(0, root.writerCertificate, root.W.sign(proof), host))
  }

  const takeAck = (bytes: Buffer, start: number): void => {
    let at = varuintAt(bytes, start + SHARD_BYTES)
    at = varuintAt(bytes, at)
    for (let left = varuintAt.value; left > 0; left--) at = varuintAt(bytes, at)
    onAck?.({ seq: varuintAt.value, hash: new Uint8Array(bytes.subarray(at, at + HASH_BYTES)) })
  }

  const socket = await openSocket({
    port: server.port,
    path: '/sealed',
    protocol: SEALED_SUBPROTOCOLS[0],
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
    onOpen: (given) => {
      opened = given
    },
    onMessage(bytes, start) {
      const type = bytes[start]
      const at = varuintAt(bytes, start + 1)
      if (type === TYPE.entries) takeEntries(bytes, at)
      else if (type === TYPE.snapshot && record) takeChunk(bytes, at)
      else if (type === TYPE.ack && onAck !== undefined) takeAck(bytes, at)
      else if (type === TYPE.challenge) prove(bytes, at)
      else if (type === TYPE.ready) opened?.send(write.pull(0, shard, after.seq, after.hash))
      else if (type === TYPE.head) {
        const end = varuintAt(bytes, at + SHARD_BYTES)
        arrive({ seq: varuintAt.value, hash: new Uint8Array(bytes.subarray(end, end + HASH_BYTES)) })
      } else if (type === TYPE.nack) {
        refusals++
        const hasRef = bytes[at] === 1 && bytes[at + 1 + SHARD_BYTES] === 1
        if (hasRef && options.onRefused !== undefined) {
          const ref = varuintAt(bytes, at + 2 + SHARD_BYTES)
          const number = varuintAt.value
          varuintAt(bytes, varuintAt(bytes, ref))
          options.onRefused(number, varuintAt.value)
        }
        fail(new Error(`refused: ${bytes.toString('hex', start, start + 12)}`))
      }
    }
  })
  void socket.closed.then((code) => fail(new Error(`closed with ${code}`)))
  socket.send(write.open(0, root.rootId))
  return {
    socket,
    head: await head,
    recorded,
    snapshot: () => concat(...chunks),
    refusals: () => refusals,
    close: () => socket.close()
  }
}

/** A body that no deflate makes smaller. */
export const noise = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes))

/** A snapshot on its way, in the protocol's pieces. */
export const snapshotFrames = (
  shard: Uint8Array,
  ref: number,
  at: Place,
  sealed: Uint8Array
): readonly Uint8Array[] => {
  const size = 256_000
  const count = Math.ceil(sealed.length / size)
  return Array.from({ length: count }, (_, index) =>
    write.snap(0, shard, ref, {
      from: 1,
      to: at.seq,
      hashTo: at.hash,
      index,
      count,
      chunk: sealed.slice(index * size, (index + 1) * size)
    })
  )
}
