import { ENTRIES_OVERHEAD_BYTES, ITEM_OVERHEAD_BYTES } from '#core/frame-codec-relay.ts'
import type { RootId, ShardId } from '#core/ids.ts'
import { MAX_FRAME_BYTES } from '#core/limits.ts'
import { type Draft, isFull, send, setSubscription } from './draft.ts'
import type { Event } from './events.ts'
import type { Connection, PassedEntry, Turn } from './state.ts'
import { requeue } from './turns.ts'

/** Passes on what became durable, what another relay hints at, and presence. */

/** ENTRIES frames as large as a frame may be. */
export const sendEntries = (
  draft: Draft,
  { ch, shard }: Turn,
  entries: readonly PassedEntry[],
  own: boolean
): undefined => {
  let frame: PassedEntry[] = []
  let size = ENTRIES_OVERHEAD_BYTES
  const flush = (): undefined => {
    const [first] = frame
    if (first === undefined) return
    const items = frame.map(({ bytes, digest }) =>
      own ? ({ kind: 'digest', digest } as const) : ({ kind: 'entry', bytes } as const)
    )
    send(draft, { type: 'entries', ch, shard, from: first.seq, items })
    frame = []
    size = ENTRIES_OVERHEAD_BYTES
  }
  for (const entry of entries) {
    const cost = ITEM_OVERHEAD_BYTES + (own ? 32 : entry.bytes.byteLength)
    if (size + cost > MAX_FRAME_BYTES) flush()
    frame.push(entry)
    size += cost
  }
  flush()
}

const subscriptionsOf = function* (state: Connection, root: RootId, shard: ShardId) {
  for (const [ch, channel] of state.channels) {
    if (channel.kind !== 'ready' || channel.root !== root) continue
    const subscription = channel.subscriptions.get(shard)
    if (subscription !== undefined) yield { ch, channel, subscription }
  }
}

export const onPublished = (
  draft: Draft,
  { root, shard, entries, own }: Extract<Event, { readonly kind: 'published' }>
): undefined => {
  const last = entries.at(-1)
  if (last === undefined) return
  for (const { ch, channel, subscription } of subscriptionsOf(draft.state, root, shard)) {
    const here = { ...subscription, latest: Math.max(subscription.latest, last.seq) }
    const fresh = entries.filter((entry) => entry.seq > here.seq)
    if (here.mode.kind !== 'live' || fresh.length === 0) setSubscription(draft, ch, channel, shard, here)
    else if (fresh[0]?.seq !== here.seq + 1) requeue(draft, ch, channel, shard, here, 'read')
    else if (isFull(draft)) setSubscription(draft, ch, channel, shard, { ...here, mode: { kind: 'parked' } })
    else {
      sendEntries(draft, { ch, shard }, fresh, own)
      setSubscription(draft, ch, channel, shard, { ...here, seq: last.seq, hash: last.hash })
    }
  }
}

export const onHint = (draft: Draft, root: RootId, shard: ShardId, upTo: number): undefined => {
  for (const { ch, channel, subscription } of subscriptionsOf(draft.state, root, shard)) {
    const here = { ...subscription, latest: Math.max(subscription.latest, upTo) }
    if (here.mode.kind === 'live' && upTo > here.seq) requeue(draft, ch, channel, shard, here, 'read')
    else setSubscription(draft, ch, channel, shard, here)
  }
}

/** Presence is of the moment: a full socket misses it. */
export const onPresence = (draft: Draft, root: RootId, shard: ShardId, frames: readonly Uint8Array[]): undefined => {
  for (const { ch } of subscriptionsOf(draft.state, root, shard)) {
    if (!isFull(draft)) send(draft, { type: 'ephemeral', ch, shard, frames })
  }
}
