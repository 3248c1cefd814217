import { CLOSE } from '#core/close-codes.ts'
import { encodeRelayFrame } from '#core/frame-codec-relay.ts'
import type { RelayFrame } from '#core/frames.ts'
import type { ShardId } from '#core/ids.ts'
import { refusalCode, refusalRetry } from '#core/refusal.ts'
import { takeTokens } from './bucket.ts'
import type { Effect, SharedMessage } from './effects.ts'
import type { Channel, Connection, Env, ReadyChannel, Refused, Subscription } from './state.ts'

/** What one event does to a connection, in the making. */
export interface Draft {
  readonly state: Connection
  readonly env: Env
  readonly effects: Effect[]
  /** Bytes sent in this step, on top of env.buffered. */
  sent: number
}

export const draftOf = (state: Connection, env: Env): Draft => ({ state, env, effects: [], sent: 0 })

export const change = (draft: Draft, fields: Partial<Connection>): undefined => {
  Object.assign(draft.state, fields)
}

export const setChannel = (draft: Draft, ch: number, channel: Channel | undefined): undefined => {
  const { channels } = draft.state
  if (channel === undefined) channels.delete(ch)
  else channels.set(ch, channel)
}

export const setSubscription = (channel: ReadyChannel, shard: ShardId, next: Subscription): undefined => {
  channel.subscriptions.set(shard, next)
}

export const readyChannel = (draft: Draft, ch: number): ReadyChannel | undefined => {
  const channel = draft.state.channels.get(ch)
  return channel?.kind === 'ready' ? channel : undefined
}

/** Whether the socket holds more than its bound; remembers since when, so that the drain is waited for. */
export const isFull = (draft: Draft): boolean => {
  if (draft.env.buffered + draft.sent <= draft.env.limits.bufferBytes) return false
  if (draft.state.fullSince === undefined) change(draft, { fullSince: draft.env.now })
  return true
}

export const send = (draft: Draft, frame: RelayFrame): undefined => {
  if (!draft.state.open) return
  const bytes = encodeRelayFrame(frame)
  draft.sent += bytes.byteLength
  draft.effects.push({ kind: 'send', bytes })
  isFull(draft)
}

/** What is larger leaves a socket in pieces, and only what a socket holds for itself counts towards its bound. */
const SHARED_BYTES = 32_768

export const sendShared = (draft: Draft, shared: SharedMessage): undefined => {
  if (!draft.state.open) return
  draft.sent += shared.bytes.byteLength
  const { bytes } = shared
  draft.effects.push(bytes.byteLength > SHARED_BYTES ? { kind: 'send', bytes } : { kind: 'send', bytes, shared })
  isFull(draft)
}

export const hangUp = (draft: Draft, code: number): undefined => {
  if (!draft.state.open) return
  leaveAll(draft)
  change(draft, { open: false, channels: new Map(), queue: [], active: undefined, assembly: undefined })
  draft.effects.push({ kind: 'close', code })
}

export const leaveAll = (draft: Draft): undefined => {
  for (const ch of draft.state.channels.keys()) leaveChannel(draft, ch)
}

export const leaveChannel = (draft: Draft, ch: number): undefined => {
  const channel = draft.state.channels.get(ch)
  if (channel?.kind !== 'ready') return
  for (const shard of channel.subscriptions.keys()) {
    draft.effects.push({ kind: 'unsubscribe', root: channel.root, shard })
  }
  freeTurn(draft, ch)
  if (draft.state.assembly?.ch === ch) change(draft, { assembly: undefined })
}

/** Gives the socket's one read back when it belongs to the channel (and shard) that goes away. */
export const freeTurn = (draft: Draft, ch: number, shard?: ShardId): undefined => {
  const { active } = draft.state
  if (active?.ch === ch && (shard === undefined || active.shard === shard)) change(draft, { active: undefined })
}

export const dropSubscription = (draft: Draft, ch: number, shard: ShardId): undefined => {
  const channel = readyChannel(draft, ch)
  if (channel?.subscriptions.delete(shard) !== true) return
  freeTurn(draft, ch, shard)
  draft.effects.push({ kind: 'unsubscribe', root: channel.root, shard })
}

interface About {
  readonly ch: number
  readonly shard?: ShardId | undefined
  readonly ref?: number | undefined
}

const NOTHING = new Uint8Array()

export const nack = (draft: Draft, { ch, shard, ref }: About, refused: Refused): undefined => {
  send(draft, {
    type: 'nack',
    ch,
    shard,
    ref,
    code: refusalCode(refused.name),
    retryAfterMs: refused.retryAfterMs ?? 0,
    detail: refused.detail ?? NOTHING
  })
  draft.effects.push({ kind: 'refused', name: refused.name })
  // Whoever goes on asking for what is never granted, or faster than allowed, is let go.
  if (refusalRetry(refused.name) !== 'never' && refused.name !== 'rate') return
  const waitMs = takeTokens(draft.state.refusals, draft.env.limits.refusals, 1, draft.env.now)
  if (waitMs > 0) hangUp(draft, CLOSE.rate)
}
