import { authMessage, decodeWriterCertificate, writerCertificateMessage } from '#core/certificate.ts'
import type { DeviceFrame } from '#core/frames.ts'
import { rootIdFromHash } from '#core/ids.ts'
import { change, type Draft, leaveChannel, nack, send, setChannel } from './draft.ts'
import type { Answer } from './events.ts'
import type { Channel, Claim, Refused } from './state.ts'

/** OPEN, AUTH, CLOSE: how a socket comes to speak for a root. */

type FrameOf<Type extends DeviceFrame['type']> = Extract<DeviceFrame, { readonly type: Type }>
type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { readonly kind: Kind }>

const CHALLENGE_BYTES = 32

export const onOpen = (draft: Draft, { ch, root }: FrameOf<'open'>): undefined => {
  const { channels, nextTicket } = draft.state
  const old = channels.get(ch)
  // A channel whose AUTH was refused may be opened again without a CLOSE; one in use may not change its root.
  if (old !== undefined && old.kind !== 'opened') return nack(draft, { ch }, { name: 'malformed' })
  if (old === undefined && channels.size >= draft.env.limits.channels)
    return nack(draft, { ch }, { name: 'too-many-channels' })
  const challenge = draft.env.random(CHALLENGE_BYTES)
  change(draft, { nextTicket: nextTicket + 1 })
  setChannel(draft, ch, { kind: 'opened', root, ticket: nextTicket, challenge, at: draft.env.now })
  send(draft, { type: 'challenge', ch, challenge, relayKey: draft.env.relayKey })
}

export const onClose = (draft: Draft, { ch }: FrameOf<'close'>): undefined => {
  leaveChannel(draft, ch)
  setChannel(draft, ch, undefined)
}

/** A challenge is used once, whatever comes of it; ERASE still needs the channel. */
const refuseAuth = (draft: Draft, ch: number, channel: Channel, refused: Refused): undefined => {
  setChannel(draft, ch, { ...bare(channel), kind: 'opened', challenge: undefined, at: draft.env.now })
  nack(draft, { ch }, refused)
}

export const bare = ({ root, ticket }: Channel) => ({ root, ticket })

const readClaim = (draft: Draft, channel: Channel, frame: FrameOf<'auth'>): Claim | Refused => {
  const { env } = draft
  if (!env.isOwnHost(frame.host)) return { name: 'host' }
  const certificate = decodeWriterCertificate(frame.certificate)
  if (!certificate.ok) return { name: 'certificate' }
  if (rootIdFromHash(env.sha256(certificate.value.rootKey)) !== channel.root) return { name: 'certificate' }
  if (isExpired(certificate.value.notAfter, env.now)) return { name: 'expired' }
  return { certificate: certificate.value, encoded: frame.certificate, admission: frame.admission }
}

export const isExpired = (notAfter: number, now: number): boolean => notAfter !== 0 && now > notAfter

export const onAuth = (draft: Draft, frame: FrameOf<'auth'>): undefined => {
  const { ch } = frame
  const { env, state } = draft
  const channel = state.channels.get(ch)
  if (channel === undefined) return nack(draft, { ch }, { name: 'unknown-channel' })
  if (channel.kind !== 'opened' || channel.challenge === undefined || env.now - channel.at > env.limits.challengeMs) {
    return nack(draft, { ch }, { name: 'stale-challenge' })
  }
  const claim = readClaim(draft, channel, frame)
  if ('name' in claim) return refuseAuth(draft, ch, channel, claim)
  const { certificate } = claim
  setChannel(draft, ch, { ...bare(channel), kind: 'proving', at: env.now, claim })
  const message = authMessage({
    host: frame.host,
    relayKey: env.relayKey,
    root: channel.root,
    challenge: channel.challenge
  })
  draft.effects.push({
    kind: 'verify',
    ch,
    ticket: channel.ticket,
    purpose: { kind: 'auth' },
    checks: [
      {
        key: certificate.rootKey,
        message: writerCertificateMessage(certificate),
        signature: certificate.signature,
        isLasting: true
      },
      { key: certificate.writerKey, message, signature: frame.signature }
    ]
  })
}

const proving = (draft: Draft, { ch, ticket }: { readonly ch: number; readonly ticket: number }) => {
  const channel = draft.state.channels.get(ch)
  return channel?.kind === 'proving' && channel.ticket === ticket ? channel : undefined
}

export const onAuthVerified = (draft: Draft, answer: AnswerOf<'verified'>): undefined => {
  const channel = proving(draft, answer)
  if (channel === undefined) return
  const { ch, ticket, valid } = answer
  if (valid[0] !== true) return refuseAuth(draft, ch, channel, { name: 'certificate' })
  if (valid[1] !== true) return refuseAuth(draft, ch, channel, { name: 'signature' })
  draft.effects.push({ kind: 'lookup', ch, ticket, root: channel.root, admission: channel.claim.admission })
}

export const onLookedUp = (draft: Draft, answer: AnswerOf<'looked-up'>): undefined => {
  const channel = proving(draft, answer)
  if (channel === undefined) return
  const { ch, ticket, result } = answer
  if (!result.ok) return refuseAuth(draft, ch, channel, result.error)
  const { floor, certificate, erased, admitted } = result.value
  const { epoch } = channel.claim.certificate
  if (erased !== undefined) return refuseAuth(draft, ch, channel, { name: 'erased', detail: erased })
  if (floor < 0 && !admitted) return refuseAuth(draft, ch, channel, { name: 'admission' })
  if (epoch < floor) return refuseAuth(draft, ch, channel, staleEpoch(certificate))
  if (epoch === floor) return becomeReady(draft, ch, channel, floor)
  draft.effects.push({
    kind: 'adopt',
    ch,
    ticket,
    root: channel.root,
    epoch,
    certificate: channel.claim.encoded,
    first: floor < 0
  })
}

const staleEpoch = (certificate: Uint8Array | undefined): Refused =>
  certificate === undefined ? { name: 'epoch' } : { name: 'epoch', detail: certificate }

export const onAdopted = (draft: Draft, answer: AnswerOf<'adopted'>): undefined => {
  const channel = proving(draft, answer)
  if (channel === undefined) return
  const { ch, result } = answer
  if (!result.ok) return refuseAuth(draft, ch, channel, result.error)
  const { floor, certificate } = result.value
  // Another socket may have brought a higher epoch while this one was looked at.
  if (floor !== channel.claim.certificate.epoch) return refuseAuth(draft, ch, channel, staleEpoch(certificate))
  becomeReady(draft, ch, channel, floor)
}

const becomeReady = (
  draft: Draft,
  ch: number,
  channel: NonNullable<ReturnType<typeof proving>>,
  floor: number
): undefined => {
  const { certificate } = channel.claim
  setChannel(draft, ch, { ...bare(channel), kind: 'ready', certificate, subscriptions: new Map() })
  change(draft, { known: true })
  send(draft, { type: 'ready', ch, floor })
}
