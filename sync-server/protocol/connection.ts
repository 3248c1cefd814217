import { CLOSE } from '#core/close-codes.ts'
import { decodeDeviceFrame } from '#core/frame-codec-device.ts'
import type { DeviceFrame } from '#core/frames.ts'
import { assertNever } from '#core/result.ts'
import { fullBucket, takeTokens } from './bucket.ts'
import { change, type Draft, draftOf, hangUp, leaveAll, nack, send, setChannel } from './draft.ts'
import type { Effect } from './effects.ts'
import { onErase, onErased, onEraseVerified, onErasure } from './erasing.ts'
import type { Event } from './events.ts'
import type { SocketLimits } from './limits.ts'
import { onAdopted, onAuth, onAuthVerified, onClose, onLookedUp, onOpen } from './opening.ts'
import { onHint, onPeers, onPresence, onPublished, onRestored } from './passing.ts'
import { onDrained, onHeaded, onPart, onPull, onTail } from './pulling.ts'
import { onAppended, onPresent, onPush, onSnap, onSwapped, writable } from './pushing.ts'
import type { Connection, Env } from './state.ts'
import { takeTurn } from './turns.ts'

export const openConnection = (limits: SocketLimits, now: number): Connection => ({
  open: true,
  openedAt: now,
  known: false,
  channels: new Map(),
  nextTicket: 1,
  queue: [],
  active: undefined,
  fullSince: undefined,
  assembly: undefined,
  refusedSnap: undefined,
  pendingPushes: 0,
  pendingBytes: 0,
  frames: fullBucket(limits.frames, now),
  bytes: fullBucket(limits.bytes, now),
  refusals: fullBucket(limits.refusals, now)
})

const NOTHING: readonly Effect[] = []

/** One event on one connection, which is changed by it. @returns what is to be done, in order */
export const step = (state: Connection, event: Event, env: Env): readonly Effect[] => {
  if (!state.open) return NOTHING
  const draft = draftOf(state, env)
  handle(draft, event)
  if (state.open && state.queue.length > 0) takeTurn(draft)
  return draft.effects
}

const handle = (draft: Draft, event: Event): undefined => {
  switch (event.kind) {
    case 'frame':
      return onBytes(draft, event.bytes)
    case 'tick':
      return onTick(draft)
    case 'drained':
      return onDrained(draft)
    case 'pause':
      return send(draft, { type: 'pause', ms: event.ms })
    case 'goaway':
      return send(draft, { type: 'goaway', retryAfterMs: event.retryAfterMs })
    case 'gone':
      leaveAll(draft)
      return change(draft, { open: false, channels: new Map(), assembly: undefined })
    case 'published':
      return onPublished(draft, event)
    case 'hint':
      return onHint(draft, event.root, event.shard, event.seq)
    case 'restored':
      return onRestored(draft, event.root, event.shard)
    case 'peers':
      return onPeers(draft, event.root, event.shard, event.peers)
    case 'presence':
      return onPresence(draft, event.root, event.shard, event.frames)
    case 'erasure':
      return onErasure(draft, event.proof)
    case 'verified':
      return event.purpose.kind === 'auth' ? onAuthVerified(draft, event) : onEraseVerified(draft, event)
    case 'looked-up':
      return onLookedUp(draft, event)
    case 'adopted':
      return onAdopted(draft, event)
    case 'appended':
      return onAppended(draft, event)
    case 'tail':
      return onTail(draft, event)
    case 'part':
      return onPart(draft, event)
    case 'headed':
      return onHeaded(draft, event)
    case 'swapped':
      return onSwapped(draft, event)
    case 'erased':
      return onErased(draft, event)
    default:
      assertNever(event)
  }
}

const onBytes = (draft: Draft, bytes: Uint8Array): undefined => {
  const { env } = draft
  // Who asks and does not read the answers would have us hold them.
  if (env.buffered > env.limits.hardBufferBytes) return hangUp(draft, CLOSE.slow)
  const frame = decodeDeviceFrame(bytes)
  if (!frame.ok) return hangUp(draft, CLOSE.malformed)
  const waitMs = meter(draft, bytes.byteLength)
  if (waitMs > 0) refuseRate(draft, frame.value, waitMs)
  else onFrame(draft, frame.value)
}

const meter = (draft: Draft, size: number): number => {
  const { limits, now } = draft.env
  const frames = takeTokens(draft.state.frames, limits.frames, 1, now)
  const bytes = takeTokens(draft.state.bytes, limits.bytes, size, now)
  return Math.max(frames, bytes)
}

const refuseRate = (draft: Draft, frame: DeviceFrame, retryAfterMs: number): undefined => {
  const refused = { name: 'rate', retryAfterMs } as const
  if (frame.type === 'close') return onClose(draft, frame)
  if (frame.type === 'time') return
  const shard = 'shard' in frame ? frame.shard : undefined
  const ref = 'ref' in frame ? frame.ref : undefined
  // The rest of a snapshot whose chunk was refused cannot fit any more.
  if (frame.type === 'snap') change(draft, { assembly: undefined, refusedSnap: { ch: frame.ch, ref: frame.ref } })
  nack(draft, { ch: frame.ch, shard, ref }, refused)
}

const onFrame = (draft: Draft, frame: DeviceFrame): undefined => {
  switch (frame.type) {
    case 'open':
      return onOpen(draft, frame)
    case 'auth':
      return onAuth(draft, frame)
    case 'pull':
      return onPull(draft, frame)
    case 'push':
      return onPush(draft, frame)
    case 'snap':
      return onSnap(draft, frame)
    case 'rotate': {
      const channel = writable(draft, frame.ch, 0)
      return nack(draft, { ch: frame.ch, ref: frame.ref }, channel.ok ? { name: 'unsupported' } : channel.error)
    }
    case 'ephemeral':
      return onPresent(draft, frame.ch, frame.shard, frame.frame)
    case 'erase':
      return onErase(draft, frame)
    case 'close':
      return onClose(draft, frame)
    case 'time':
      return send(draft, { type: 'time', t0: frame.t0, t1: draft.env.now, t2: draft.env.now })
    default:
      assertNever(frame)
  }
}

/** Whether time alone may change it: thousands of sockets have nothing to wait for, and are asked every second. */
export const hasDeadline = ({ known, fullSince, assembly, channels }: Connection): boolean => {
  if (!known || fullSince !== undefined || assembly !== undefined) return true
  for (const channel of channels.values()) if (channel.kind === 'opened') return true
  return false
}

const onTick = (draft: Draft): undefined => {
  const { now, limits } = draft.env
  const { known, openedAt, fullSince, assembly, channels } = draft.state
  if (!known && now - openedAt > limits.helloMs) return hangUp(draft, CLOSE.slow)
  if (fullSince !== undefined && now - fullSince > limits.slowMs) return hangUp(draft, CLOSE.slow)
  if (assembly !== undefined && now - assembly.at > limits.assemblyMs) change(draft, { assembly: undefined })
  for (const [ch, channel] of channels) {
    // Room for others: who comes back with an old challenge is told unknown-channel and opens anew.
    if (channel.kind === 'opened' && now - channel.at > limits.challengeMs) setChannel(draft, ch, undefined)
  }
}
