import { CAP_READ } from '#core/certificate.ts'
import { encodeRelayFrame } from '#core/frame-codec-relay.ts'
import type { DeviceFrame } from '#core/frames.ts'
import { SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import {
  change,
  type Draft,
  dropSubscription,
  isFull,
  nack,
  readyChannel,
  send,
  sendShared,
  setSubscription
} from './draft.ts'
import type { Answer } from './events.ts'
import { sendEntries } from './passing.ts'
import { writable } from './pushing.ts'
import type { ReadTail, ReadyChannel, Subscription, SubscriptionMode, Turn } from './state.ts'
import { answered, endTurn, enqueue, requeue } from './turns.ts'

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
  setSubscription(channel, shard, { seq: after, hash: hashAfter, latest: old?.latest ?? 0, mode })
  enqueue(draft, { ch, shard })
}

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
  setSubscription(found.channel, shard, { ...found.subscription, mode })
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
  setSubscription(channel, turn.shard, { ...subscription, mode: { ...subscription.mode, asked: true } })
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
  const { bytes: chunk, messages } = result.value
  const frame = { type: 'snapshot', ch, shard, from, to, hashTo, index: mode.next, count, chunk } as const
  const message = messages.get(ch) ?? { bytes: encodeRelayFrame(frame) }
  messages.set(ch, message)
  sendShared(draft, message)
  const next = mode.next + 1
  if (next < count) {
    setSubscription(channel, shard, { ...subscription, mode: { ...mode, next, asked: false } })
    return askPart(draft, answer)
  }
  setSubscription(channel, shard, { ...subscription, seq: to, hash: hashTo })
  passTail(draft, answer, mode.tail)
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
  if (isFull(draft)) setSubscription(channel, shard, { ...here, mode: { kind: 'parked' } })
  else requeue(draft, ch, channel, shard, here, 'read')
}

const arrive = (
  draft: Draft,
  { ch, shard }: Turn,
  channel: ReadyChannel,
  at: Subscription,
  peers: number
): undefined => {
  // A reading that begins now finds what a hint spoke of, or the store does not hold it any more.
  if (at.latest > at.seq) return requeue(draft, ch, channel, shard, { ...at, latest: at.seq }, 'read')
  send(draft, { type: 'head', ch, shard, seq: at.seq, hash: at.hash, peers })
  setSubscription(channel, shard, { ...at, mode: { kind: 'live' } })
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
  setSubscription(channel, shard, { ...subscription, mode: { kind: 'told' } })
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
