import { CAP_READ } from '#core/certificate.ts'
import { ENTRIES_OVERHEAD_BYTES, ITEM_OVERHEAD_BYTES } from '#core/frame-codec-relay.ts'
import type { DeviceFrame } from '#core/frames.ts'
import type { RootId, ShardId } from '#core/ids.ts'
import { MAX_FRAME_BYTES, SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import { change, type Draft, dropSubscription, isFull, nack, readyChannel, send, setSubscription } from './draft.ts'
import { writable } from './pushing.ts'
import type {
  Answer,
  Connection,
  Event,
  PassedEntry,
  ReadTail,
  ReadyChannel,
  Subscription,
  SubscriptionMode,
  Turn
} from './state.ts'

/**
 * PULL and what follows from it. A subscription is at the head and gets entries as they become durable, or it reads from
 * the store at its own cursor: one read a socket at a time, a page at a time, and none while the socket is full.
 */

type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { readonly kind: Kind }>

export const onPull = (
  draft: Draft,
  { ch, shard, after, hashAfter }: Extract<DeviceFrame, { readonly type: 'pull' }>
): undefined => {
  const allowed = writable(draft, ch, CAP_READ)
  if (!allowed.ok) return nack(draft, { ch, shard }, allowed.error)
  const channel = allowed.value
  const old = channel.subscriptions.get(shard)
  if (old === undefined) {
    if (channel.subscriptions.size >= draft.env.limits.shardsPerChannel) {
      return nack(draft, { ch, shard }, { name: 'too-many-channels' })
    }
    draft.effects.push({ kind: 'subscribe', root: channel.root, shard })
  }
  // A PULL while an earlier one is read begins again from where this one says: the old answer is dropped by its ticket.
  const { active } = draft.state
  if (active?.ch === ch && active.shard === shard) change(draft, { active: undefined })
  const mode: SubscriptionMode = { kind: 'queued', job: 'read' }
  setSubscription(draft, ch, channel, shard, { seq: after, hash: hashAfter, latest: old?.latest ?? 0, mode })
  enqueue(draft, { ch, shard })
}

const enqueue = (draft: Draft, turn: Turn): undefined => {
  const { queue } = draft.state
  if (queue.some((each) => each.ch === turn.ch && each.shard === turn.shard)) return
  change(draft, { queue: [...queue, turn] })
}

const requeue = (
  draft: Draft,
  ch: number,
  channel: ReadyChannel,
  shard: ShardId,
  subscription: Subscription,
  job: 'read' | 'head'
): undefined => {
  setSubscription(draft, ch, channel, shard, { ...subscription, mode: { kind: 'queued', job } })
  enqueue(draft, { ch, shard })
}

/** Starts the next read where none is under way. Runs at the end of every step. */
export const takeTurn = (draft: Draft): undefined => {
  while (draft.state.active === undefined && draft.state.queue.length > 0) {
    if (isFull(draft) || draft.state.fullSince !== undefined) return
    const [turn, ...queue] = draft.state.queue
    change(draft, { queue })
    if (turn !== undefined) beginTurn(draft, turn)
  }
}

const beginTurn = (draft: Draft, { ch, shard }: Turn): undefined => {
  const channel = readyChannel(draft, ch)
  const subscription = channel?.subscriptions.get(shard)
  if (channel === undefined || subscription?.mode.kind !== 'queued') return
  const { job } = subscription.mode
  const ticket = draft.state.nextTicket
  change(draft, { nextTicket: ticket + 1, active: { ch, shard, ticket } })
  setSubscription(draft, ch, channel, shard, { ...subscription, mode: { kind: 'reading', job } })
  const request = { ch, shard, ticket, root: channel.root }
  if (job === 'head') draft.effects.push({ kind: 'head', ...request })
  else
    draft.effects.push({
      kind: 'read',
      ...request,
      after: { seq: subscription.seq, hash: subscription.hash },
      limit: draft.env.limits.pageBytes
    })
}

/** The subscription an answer belongs to, if it is still the one under way. */
const answered = (draft: Draft, { ch, shard, ticket }: Turn & { readonly ticket: number }) => {
  const { active } = draft.state
  if (active?.ch !== ch || active.shard !== shard || active.ticket !== ticket) return undefined
  const channel = readyChannel(draft, ch)
  const subscription = channel?.subscriptions.get(shard)
  return channel && subscription && { channel, subscription }
}

const endTurn = (draft: Draft): undefined => change(draft, { active: undefined })

export const onTail = (draft: Draft, answer: AnswerOf<'tail'>): undefined => {
  const found = answered(draft, answer)
  if (found === undefined) return
  const { ch, shard, result } = answer
  if (!result.ok) {
    dropSubscription(draft, ch, shard)
    return nack(draft, { ch, shard }, result.error)
  }
  const { snapshot } = result.value
  if (snapshot === undefined) return passTail(draft, answer, result.value)
  const mode: SubscriptionMode = { kind: 'snapshot', next: 0, tail: result.value, snapshot, asked: false }
  setSubscription(draft, ch, found.channel, shard, { ...found.subscription, mode })
  askPart(draft, answer)
}

/** Asks for the next part of the snapshot under way, unless the socket is full: then the drain will. */
const askPart = (draft: Draft, turn: Turn): undefined => {
  const { active } = draft.state
  const channel = readyChannel(draft, turn.ch)
  const subscription = channel?.subscriptions.get(turn.shard)
  if (active === undefined || channel === undefined || subscription?.mode.kind !== 'snapshot') return
  if (subscription.mode.asked || isFull(draft)) return
  const { next, snapshot } = subscription.mode
  setSubscription(draft, turn.ch, channel, turn.shard, { ...subscription, mode: { ...subscription.mode, asked: true } })
  draft.effects.push({ kind: 'read-snapshot', ...active, root: channel.root, to: snapshot.to, index: next })
}

export const onPart = (draft: Draft, answer: AnswerOf<'part'>): undefined => {
  const found = answered(draft, answer)
  if (found?.subscription.mode.kind !== 'snapshot') return
  const { ch, shard, result } = answer
  const { channel, subscription } = found
  const { mode } = found.subscription
  if (!result.ok) {
    dropSubscription(draft, ch, shard)
    return nack(draft, { ch, shard }, result.error)
  }
  if (result.value === undefined) {
    // Superseded and purged meanwhile: begin again, the newer snapshot's chunk 0 tells the device.
    endTurn(draft)
    return requeue(draft, ch, channel, shard, subscription, 'read')
  }
  const { from, to, hashTo, size } = mode.snapshot
  const count = Math.ceil(size / SNAPSHOT_CHUNK_BYTES)
  send(draft, { type: 'snapshot', ch, shard, from, to, hashTo, index: mode.next, count, chunk: result.value })
  const next = mode.next + 1
  if (next < count) {
    setSubscription(draft, ch, channel, shard, { ...subscription, mode: { ...mode, next, asked: false } })
    return askPart(draft, answer)
  }
  setSubscription(draft, ch, channel, shard, { ...subscription, seq: to, hash: hashTo })
  passTail(draft, answer, mode.tail)
}

/** ENTRIES frames as large as a frame may be. */
const sendEntries = (draft: Draft, { ch, shard }: Turn, entries: readonly PassedEntry[], own: boolean): undefined => {
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

const passTail = (draft: Draft, turn: Turn, { entries, head, peers }: ReadTail): undefined => {
  const { ch, shard } = turn
  const channel = readyChannel(draft, ch)
  const subscription = channel?.subscriptions.get(shard)
  if (channel === undefined || subscription === undefined) return
  sendEntries(draft, turn, entries, false)
  endTurn(draft)
  const last = entries.at(-1)
  const at =
    last === undefined ? { seq: subscription.seq, hash: subscription.hash } : { seq: last.seq, hash: last.hash }
  const here: Subscription = { ...subscription, ...at }
  if (at.seq >= head.seq) return arrive(draft, turn, channel, here, peers)
  if (last === undefined) {
    // Neither entry nor snapshot where the head says there is one: a damaged store, not a reason to spin.
    dropSubscription(draft, ch, shard)
    return nack(draft, turn, { name: 'store' })
  }
  if (isFull(draft)) setSubscription(draft, ch, channel, shard, { ...here, mode: { kind: 'parked' } })
  else requeue(draft, ch, channel, shard, here, 'read')
}

const arrive = (
  draft: Draft,
  { ch, shard }: Turn,
  channel: ReadyChannel,
  at: Subscription,
  peers: number
): undefined => {
  if (at.latest > at.seq) return requeue(draft, ch, channel, shard, at, 'read')
  send(draft, { type: 'head', ch, shard, seq: at.seq, hash: at.hash, peers })
  setSubscription(draft, ch, channel, shard, { ...at, mode: { kind: 'live' } })
}

export const onHeaded = (draft: Draft, answer: AnswerOf<'headed'>): undefined => {
  const found = answered(draft, answer)
  if (found === undefined) return
  const { ch, shard, result } = answer
  const { channel, subscription } = found
  if (!result.ok) {
    dropSubscription(draft, ch, shard)
    return nack(draft, { ch, shard }, result.error)
  }
  endTurn(draft)
  const { head, peers } = result.value
  if (head.seq <= subscription.seq) return arrive(draft, answer, channel, subscription, peers)
  send(draft, { type: 'head', ch, shard, seq: head.seq, hash: head.hash, peers })
  setSubscription(draft, ch, channel, shard, { ...subscription, mode: { kind: 'told' } })
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

export const onDrained = (draft: Draft): undefined => {
  change(draft, { fullSince: undefined })
  for (const [ch, channel] of draft.state.channels) {
    if (channel.kind !== 'ready') continue
    for (const [shard, subscription] of channel.subscriptions) {
      const now = readyChannel(draft, ch)
      if (subscription.mode.kind === 'parked' && now !== undefined) requeue(draft, ch, now, shard, subscription, 'head')
    }
  }
  if (draft.state.active !== undefined) askPart(draft, draft.state.active)
}
