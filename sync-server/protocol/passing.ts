import { ENTRIES_OVERHEAD_BYTES, encodeRelayFrame, ITEM_OVERHEAD_BYTES } from '#core/frame-codec-relay.ts'
import type { RelayFrame } from '#core/frames.ts'
import type { RootId, ShardId } from '#core/ids.ts'
import { MAX_FRAME_BYTES } from '#core/limits.ts'
import { type Draft, isFull, send, sendShared, setSubscription } from './draft.ts'
import type { SharedMessage } from './effects.ts'
import type { Event } from './events.ts'
import type { Connection, PassedEntry, ReadyChannel, Subscription, Turn } from './state.ts'
import { requeue } from './turns.ts'

/** Passes on what became durable, what another relay hints at, and presence. */

/** ENTRIES frames as large as a frame may be. */
const entriesFrames = (
  { ch, shard }: Turn,
  entries: readonly PassedEntry[],
  own: boolean,
  pass: (frame: RelayFrame) => void
): undefined => {
  let frame: PassedEntry[] = []
  let size = ENTRIES_OVERHEAD_BYTES
  const flush = (): undefined => {
    const [first] = frame
    if (first === undefined) return
    const items = frame.map(({ bytes, digest }) =>
      own ? ({ kind: 'digest', digest } as const) : ({ kind: 'entry', bytes } as const)
    )
    pass({ type: 'entries', ch, shard, from: first.seq, items })
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

export const sendEntries = (draft: Draft, turn: Turn, entries: readonly PassedEntry[], own: boolean): undefined =>
  entriesFrames(turn, entries, own, (frame) => send(draft, frame))

const sharedFrames = (
  turn: Turn,
  entries: readonly PassedEntry[],
  byChannel: Map<number, readonly SharedMessage[]>
): readonly SharedMessage[] => {
  const known = byChannel.get(turn.ch)
  if (known !== undefined) return known
  const made: SharedMessage[] = []
  entriesFrames(turn, entries, false, (frame) => made.push({ bytes: encodeRelayFrame(frame) }))
  byChannel.set(turn.ch, made)
  return made
}

interface Listening {
  readonly ch: number
  readonly channel: ReadyChannel
  readonly subscription: Subscription
}

const subscriptionsOf = (state: Connection, root: RootId, shard: ShardId): readonly Listening[] => {
  const found: Listening[] = []
  for (const [ch, channel] of state.channels) {
    if (channel.kind !== 'ready' || channel.root !== root) continue
    const subscription = channel.subscriptions.get(shard)
    if (subscription !== undefined) found.push({ ch, channel, subscription })
  }
  return found
}

export const onPublished = (
  draft: Draft,
  { root, shard, entries, own, shared }: Extract<Event, { readonly kind: 'published' }>
): undefined => {
  const last = entries.at(-1)
  if (last === undefined) return
  // Of all events the most frequent: nothing is gathered first.
  for (const [ch, channel] of draft.state.channels) {
    const subscription =
      channel.kind === 'ready' && channel.root === root ? channel.subscriptions.get(shard) : undefined
    if (channel.kind !== 'ready' || subscription === undefined) continue
    subscription.latest = Math.max(subscription.latest, last.seq)
    const isAllFresh = (entries[0]?.seq ?? 0) > subscription.seq
    const fresh = isAllFresh ? entries : entries.filter((entry) => entry.seq > subscription.seq)
    if (subscription.mode.kind !== 'live' || fresh.length === 0) continue
    if (fresh[0]?.seq !== subscription.seq + 1) requeue(draft, ch, channel, shard, subscription, 'read')
    else if (isFull(draft)) setSubscription(channel, shard, { ...subscription, mode: { kind: 'parked' } })
    else {
      if (shared === undefined || !isAllFresh) sendEntries(draft, { ch, shard }, fresh, own)
      else for (const message of sharedFrames({ ch, shard }, entries, shared)) sendShared(draft, message)
      subscription.seq = last.seq
      subscription.hash = last.hash
    }
  }
}

export const onHint = (draft: Draft, root: RootId, shard: ShardId, upTo: number): undefined => {
  for (const { ch, channel, subscription } of subscriptionsOf(draft.state, root, shard)) {
    subscription.latest = Math.max(subscription.latest, upTo)
    if (subscription.mode.kind !== 'live' || upTo <= subscription.seq) continue
    requeue(draft, ch, channel, shard, subscription, 'read')
  }
}

/** What a device was told may be gone from the store: reading on from where it stands shows it, by the chain's hash. */
export const onRestored = (draft: Draft, root: RootId, shard: ShardId): undefined => {
  for (const { ch, channel, subscription } of subscriptionsOf(draft.state, root, shard)) {
    subscription.latest = 0
    if (subscription.mode.kind === 'live') requeue(draft, ch, channel, shard, subscription, 'read')
  }
}

/** A device that was told that nobody else is there is told otherwise. */
export const onPeers = (draft: Draft, root: RootId, shard: ShardId, peers: number): undefined => {
  for (const { ch, subscription } of subscriptionsOf(draft.state, root, shard)) {
    const { seq, hash, mode } = subscription
    if (mode.kind === 'live' && !isFull(draft)) send(draft, { type: 'head', ch, shard, seq, hash, peers })
  }
}

/** Presence is of the moment: a full socket misses it. */
export const onPresence = (draft: Draft, root: RootId, shard: ShardId, frames: readonly Uint8Array[]): undefined => {
  for (const { ch } of subscriptionsOf(draft.state, root, shard)) {
    if (!isFull(draft)) send(draft, { type: 'ephemeral', ch, shard, frames })
  }
}
