import { bytesEqual } from '#core/bytes.ts'
import type { Sha256 } from '#core/chain.ts'
import { decodeDeviceFrame } from '#core/frame-codec-device.ts'
import { decodeRelayFrame } from '#core/frame-codec-relay.ts'
import type { RelayFrame } from '#core/frames.ts'
import type { RootId, Seq, ShardId } from '#core/ids.ts'
import { refusalFromCode } from '#core/refusal.ts'
import type { Direction } from '#testing/wire.ts'
import type { Count, Fail } from './counts.ts'
import type { Stored } from './stored.ts'

/** Reads every frame of one connection and holds the relay to what it says: durable before it is acknowledged or shown. */

export interface Wiretap {
  frame(direction: Direction, bytes: Uint8Array): void
}

type Asked = { readonly shard: ShardId } & (
  | { readonly kind: 'push'; readonly digests: readonly Uint8Array[] }
  | { readonly kind: 'snap'; readonly to: Seq }
)

export const createWiretap = (options: {
  readonly stored: Stored
  readonly sha256: Sha256
  readonly count: Count
  readonly acknowledged: (digest: Uint8Array) => void
  readonly fail: Fail
}): Wiretap => {
  const { stored, sha256, count, fail } = options
  const askedByRef = new Map<string, Asked>()
  const rootByChannel = new Map<number, RootId>()

  /** A reader may have been under way when the erasure became durable. */
  const isErased = (ch: number, shard: ShardId): boolean => {
    const root = rootByChannel.get(ch)
    return root !== undefined && stored.isErased({ kind: 'shard', root, shard })
  }

  const up = (bytes: Uint8Array): void => {
    const decoded = decodeDeviceFrame(bytes)
    if (!decoded.ok) {
      fail('WO7', 'a device sent a malformed frame')
      return
    }
    const frame = decoded.value
    count(`sent ${frame.type}`)
    if (frame.type === 'open') rootByChannel.set(frame.ch, frame.root)
    if (frame.type === 'push') {
      askedByRef.set(`${frame.ch}/${frame.ref}`, {
        kind: 'push',
        shard: frame.shard,
        digests: frame.entries.map(sha256)
      })
    }
    if (frame.type === 'snap')
      askedByRef.set(`${frame.ch}/${frame.ref}`, { kind: 'snap', shard: frame.shard, to: frame.to })
  }

  const ack = (frame: RelayFrame & { readonly type: 'ack' }): void => {
    const asked = askedByRef.get(`${frame.ch}/${frame.ref}`)
    if (!asked || asked.shard !== frame.shard) {
      fail('WO1', 'an ACK answers nothing')
      return
    }
    if (isErased(frame.ch, frame.shard)) return
    if (asked.kind === 'snap') {
      if (stored.snapshotTo(frame.shard) < asked.to) fail('WO1', 'a snapshot was acknowledged that is not durable')
      return
    }
    asked.digests.forEach((digest, i) => {
      const seq = stored.seqOf(frame.shard, digest)
      if (seq === undefined) fail('WO1', 'an entry was acknowledged that is not durable')
      else if (seq !== frame.seqs[i]) fail('WO1', `an entry at ${seq} was acknowledged as ${frame.seqs[i]}`)
      else options.acknowledged(digest)
    })
    const last = Math.max(...frame.seqs) as Seq
    const hash = stored.hashAt(frame.shard, last)
    if (!hash || !bytesEqual(hash, frame.hash)) fail('WO1', `an ACK names another hash at ${last}`)
  }

  const entries = (frame: RelayFrame & { readonly type: 'entries' }): void =>
    frame.items.forEach((item, i) => {
      const digest = item.kind === 'entry' ? sha256(item.bytes) : item.digest
      const seq = stored.seqOf(frame.shard, digest)
      if (seq !== frame.from + i && !isErased(frame.ch, frame.shard))
        fail('WO1', `an entry was shown at ${frame.from + i} and is durable at ${seq}`)
    })

  const down = (bytes: Uint8Array): void => {
    const decoded = decodeRelayFrame(bytes)
    if (!decoded.ok) {
      fail('WO7', 'the relay sent a malformed frame')
      return
    }
    const frame = decoded.value
    count(`got ${frame.type}`)
    if (frame.type === 'nack') count(`nack ${refusalFromCode(frame.code)}`)
    if (frame.type === 'ack') ack(frame)
    if (frame.type === 'entries') entries(frame)
  }

  return { frame: (direction, bytes) => (direction === 'up' ? up(bytes) : down(bytes)) }
}
