import { once } from 'node:events'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { ascii, bytes, concat, createReader, equal, label, text, toHex, u8, varuint } from './codec.ts'
import { KIND, type Lines, openEntry, openSnapshot, seal, sealSnapshot } from './entries.ts'
import { type Chunk, type RelayFrame, readFrame, write } from './frames.ts'
import { deriveRoot, h16, newDevice, type Root, rootIdOf, sha256, verifies } from './keys.ts'

/** A device in a few pages: one root on one socket, documents in memory, one thing at a time. */

const CHUNK_BYTES = 256_000
type Of<Type extends RelayFrame['type']> = Extract<RelayFrame, { readonly type: Type }>

/** The relay said no; section 6 lists the codes. */
export type Refused = Error & Pick<Of<'nack'>, 'code' | 'detail'>

const newShard = (id: Uint8Array) => ({
  id,
  doc: new Y.Doc(),
  lines: new Map() as Lines,
  seq: 0,
  hash: new Uint8Array(16) as Uint8Array,
  snapshotTo: 0,
  chunks: [] as Chunk[],
  /** Own entries on their way, by digest. */
  sent: new Map<string, Uint8Array>(),
  counter: 0,
  innerHash: new Uint8Array(16) as Uint8Array,
  /** Own entries that no relay has acknowledged, in order: sent again as the bytes they are. */
  unacked: [] as Uint8Array[],
  /** Own entries by digest, with the seq that the relay named when it acknowledged them. */
  acked: new Map<string, number>()
})
type Shard = ReturnType<typeof newShard>

/** What a device keeps from one connection to the next. */
export const newMemory = (root: Root) => ({
  device: newDevice(root),
  shards: new Map<string, Shard>(),
  /** Told of each entry of the log as it came, before it is judged. */
  onEntry: (_shard: Shard, _seq: number, _entry: Uint8Array): void => {}
})
export type Memory = ReturnType<typeof newMemory>

/** Section 8. */
export const isErasureProof = (proof: Uint8Array): boolean => {
  const reader = createReader(proof)
  const [rootId, scope] = [reader.fixed(22), reader.u8()]
  const scoped = concat(rootId, u8(scope), scope === 1 ? reader.fixed(16) : new Uint8Array())
  const [rootKey, signature] = [reader.fixed(32), reader.fixed(64)]
  reader.end()
  return (
    rootIdOf(rootKey) === Buffer.from(rootId).toString('latin1') &&
    verifies(rootKey, concat(label('erase'), scoped), signature)
  )
}

export const isReceipt = (proof: Uint8Array, receipt: Uint8Array, relayKey: Uint8Array): boolean => {
  const message = concat(label('receipt'), bytes(proof), receipt.slice(0, -64))
  return equal(receipt.slice(0, 32), relayKey) && verifies(relayKey, message, receipt.slice(-64))
}

export const connect = async (url: string, root: Root, memory = newMemory(root)) => {
  const socket = new WebSocket(url, 'council.sealed.1')
  const { device, shards } = memory
  const inbox: RelayFrame[] = []
  let wake: () => void = () => {}
  let closed = false
  socket.on('message', (data: Buffer) => {
    const frame = readFrame(new Uint8Array(data))
    if (frame && !take(frame)) inbox.push(frame)
    wake()
  })
  socket.on('close', () => {
    closed = true
    wake()
  })
  await once(socket, 'open')

  /** The next frame of this type; a NACK that comes first is thrown. */
  const next = async <Type extends RelayFrame['type']>(type: Type): Promise<Of<Type>> => {
    for (;;) {
      const at = inbox.findIndex((frame) => frame.type === type || frame.type === 'nack')
      const [frame] = at < 0 ? [] : inbox.splice(at, 1)
      if (frame?.type === 'nack' && type !== 'nack')
        throw Object.assign(new Error(`refused with code ${frame.code}`), frame)
      if (frame) return frame as Of<Type>
      if (closed) throw new Error('closed')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  /** Entries and snapshots are applied as they come, asked for or not. */
  const take = (frame: RelayFrame): boolean => {
    if (frame.type !== 'entries' && frame.type !== 'snapshot') return false
    const shard = shards.get(frame.shard)
    if (!shard) return true
    if (frame.type === 'snapshot') takeChunk(shard, frame)
    else for (const [i, item] of frame.items.entries()) takeEntry(shard, frame.from + i, item)
    return true
  }

  const takeChunk = (shard: Shard, chunk: Of<'snapshot'>): void => {
    if (chunk.index === 0) shard.chunks = []
    shard.chunks.push(chunk)
    if (chunk.index < chunk.count - 1) return
    const snapshot = openSnapshot(root, shard.id, concat(...shard.chunks.map((each) => each.chunk)))
    if (snapshot.to !== chunk.to || !equal(snapshot.hashTo, chunk.hashTo)) throw new Error('not what it says it is')
    Y.applyUpdate(shard.doc, snapshot.document)
    Object.assign(shard, { lines: snapshot.covers, seq: snapshot.to, hash: snapshot.hashTo, snapshotTo: snapshot.to })
  }

  const takeEntry = (
    shard: Shard,
    seq: number,
    item: { readonly entry: Uint8Array } | { readonly digest: Uint8Array }
  ): void => {
    // An answer to PULL repeats what was on its way when it was asked.
    if (seq <= shard.seq) return
    if (seq !== shard.seq + 1) throw new Error(`a gap in the log: ${seq} after ${shard.seq}`)
    const entry = 'entry' in item ? item.entry : shard.sent.get(toHex(item.digest))
    const digest = entry ? sha256(entry) : 'digest' in item ? item.digest : new Uint8Array()
    shard.hash = h16(concat(label('chain'), bytes(ascii(root.rootId)), shard.id, varuint(seq), shard.hash, digest))
    shard.seq = seq
    if (entry) memory.onEntry(shard, seq, entry)
    const opened = entry && openEntry(root, shard.id, shard.lines, entry)
    if (opened?.kind !== KIND.update) return
    if ((opened.flags & 2) === 2) Y.applyUpdateV2(shard.doc, opened.body)
    else Y.applyUpdate(shard.doc, opened.body)
  }

  const shardAt = (path: string): Shard => {
    const id = root.shard(path)
    const shard = shards.get(toHex(id)) ?? newShard(id)
    shards.set(toHex(id), shard)
    return shard
  }

  const send = (frame: Uint8Array): void => socket.send(frame)
  send(write.open(0, root.rootId))
  const { challenge, relayKey } = await next('challenge')
  const { host } = new URL(url)
  const proof = concat(label('auth'), text(host), relayKey, ascii(root.rootId), challenge)
  send(write.auth(0, root.writerCertificate, root.W.sign(proof), host))
  let ref = 0

  const pull = async (path: string): Promise<Shard> => {
    const shard = shardAt(path)
    // A HEAD of before says nothing of now.
    for (let at = inbox.length - 1; at >= 0; at--) if (inbox[at]?.type === 'head') inbox.splice(at, 1)
    for (;;) {
      send(write.pull(0, shard.id, shard.seq, shard.hash))
      const head = await next('head')
      if (head.seq > shard.seq) continue
      if (head.seq === shard.seq && !equal(head.hash, shard.hash)) throw new Error('the log does not lead to its head')
      return shard
    }
  }

  const nextEntry = (shard: Shard, kind: number, body: Uint8Array): Uint8Array => {
    const seen = { relay: sha256(relayKey).slice(0, 4), seq: shard.seq, hash: shard.hash }
    const inner = { kind, counter: shard.counter + 1, prev: shard.innerHash, seen, body }
    const { entry, innerHash } = seal(root, shard.id, device, inner)
    shard.counter += 1
    shard.innerHash = innerHash
    shard.sent.set(toHex(sha256(entry)), entry)
    return entry
  }

  /** Resolves when the relay has on disk what it had not acknowledged. */
  const flush = async (path: string) => {
    const shard = shardAt(path)
    const entries = [...shard.unacked]
    ref += 1
    send(write.push(0, shard.id, ref, entries))
    const ack = await next('ack')
    shard.unacked.splice(0, entries.length)
    for (const [i, entry] of entries.entries()) shard.acked.set(toHex(sha256(entry)), ack.seqs[i] ?? 0)
    return ack
  }

  return {
    device,
    relayKey,
    ready: () => next('ready'),
    pull,
    flush,
    /** Resolves when the relay has it on disk. */
    push: (path: string, update: Uint8Array) => {
      const shard = shardAt(path)
      if (shard.counter === 0) shard.unacked.push(nextEntry(shard, KIND.certificate, device.certificate))
      shard.unacked.push(nextEntry(shard, KIND.update, update))
      return flush(path)
    },
    /** Only after a pull: the snapshot stands at this device's own cursor. */
    snapshot: async (path: string) => {
      const shard = shardAt(path)
      const covers: Lines = new Map(shard.lines)
      if (!covers.has(device.id)) {
        covers.set(device.id, { counter: 0, innerHash: new Uint8Array(16), certificate: device.certificate })
      }
      const document = Y.encodeStateAsUpdate(shard.doc)
      const stretch = { from: 1, to: shard.seq, hashTo: shard.hash }
      const sealed = sealSnapshot(root, shard.id, device, { ...stretch, covers, document })
      const count = Math.ceil(sealed.length / CHUNK_BYTES)
      ref += 1
      for (let index = 0; index < count; index++) {
        const chunk = sealed.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
        send(write.snap(0, shard.id, ref, { ...stretch, index, count, chunk }))
      }
      const ack = await next('ack')
      shard.snapshotTo = shard.seq
      return ack
    },
    erase: async () => {
      const scope = concat(ascii(root.rootId), u8(0))
      send(write.eraseRoot(0, root.rootId, root.R.publicKey, root.R.sign(concat(label('erase'), scope))))
      return next('erased')
    },
    isClosed: () => closed,
    close: () => socket.close(),
    /** No goodbye. */
    terminate: () => socket.terminate()
  }
}

/** Section 2, finding the living root. */
export const enter = async (
  url: string,
  phrase: string,
  incarnation = 0
): Promise<Awaited<ReturnType<typeof connect>>> => {
  const client = await connect(url, deriveRoot(phrase, incarnation))
  try {
    await client.ready()
    return client
  } catch (thrown) {
    client.close()
    const { code, detail } = thrown as Refused
    if (code === 9 && isErasureProof(detail)) return enter(url, phrase, incarnation + 1)
    throw thrown
  }
}
