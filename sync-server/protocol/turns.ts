import type { ShardId } from '#core/ids.ts'
import { change, type Draft, isFull, readyChannel, setSubscription } from './draft.ts'
import type { ReadyChannel, Subscription, Turn } from './state.ts'

/** One read a socket at a time: subscriptions wait in a queue, and an answer is known by its ticket. */

export const enqueue = (draft: Draft, turn: Turn): undefined => {
  const { queue } = draft.state
  if (queue.some((each) => each.ch === turn.ch && each.shard === turn.shard)) return
  change(draft, { queue: [...queue, turn] })
}

export const requeue = (
  draft: Draft,
  ch: number,
  channel: ReadyChannel,
  shard: ShardId,
  subscription: Subscription,
  job: 'read' | 'head'
): undefined => {
  setSubscription(channel, shard, { ...subscription, mode: { kind: 'queued', job } })
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
  setSubscription(channel, shard, { ...subscription, mode: { kind: 'reading', job } })
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
export const answered = (draft: Draft, { ch, shard, ticket }: Turn & { readonly ticket: number }) => {
  const { active } = draft.state
  if (active?.ch !== ch || active.shard !== shard || active.ticket !== ticket) return undefined
  const channel = readyChannel(draft, ch)
  const subscription = channel?.subscriptions.get(shard)
  return channel && subscription && { channel, subscription }
}

export const endTurn = (draft: Draft): undefined => change(draft, { active: undefined })
