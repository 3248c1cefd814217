import { type ErasureProof, encodeErasureProof, eraseMessage } from '#core/certificate.ts'
import type { DeviceFrame } from '#core/frames.ts'
import { rootIdFromHash } from '#core/ids.ts'
import { change, type Draft, dropSubscription, leaveChannel, nack, send, setChannel } from './draft.ts'
import type { Answer } from './events.ts'
import { bare } from './opening.ts'
import type { Channel, Refused } from './state.ts'

type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { readonly kind: Kind }>

/** ERASE: the signature is R's own, so OPEN is enough; a relay that has erased already answers too. */
export const onErase = (draft: Draft, frame: Extract<DeviceFrame, { readonly type: 'erase' }>): undefined => {
  const { ch, scope, rootKey, signature } = frame
  const channel = draft.state.channels.get(ch)
  if (channel === undefined) return nack(draft, { ch }, { name: 'unknown-channel' })
  if (scope.root !== channel.root) return nack(draft, { ch }, { name: 'not-permitted' })
  if (rootIdFromHash(draft.env.sha256(rootKey)) !== scope.root) return nack(draft, { ch }, { name: 'certificate' })
  const proof = { scope, rootKey, signature }
  const checks = [{ key: rootKey, message: eraseMessage(scope), signature }]
  draft.effects.push({ kind: 'verify', ch, ticket: channel.ticket, purpose: { kind: 'erase', proof }, checks })
}

export const onEraseVerified = (draft: Draft, { ch, ticket, valid, purpose }: AnswerOf<'verified'>): undefined => {
  if (purpose.kind !== 'erase' || draft.state.channels.get(ch)?.ticket !== ticket) return
  if (valid[0] !== true) return nack(draft, { ch }, { name: 'signature' })
  draft.effects.push({ kind: 'erase', ch, ticket, proof: purpose.proof })
}

export const onErased = (draft: Draft, { ch, ticket, proof, result }: AnswerOf<'erased'>): undefined => {
  const channel = draft.state.channels.get(ch)
  if (channel?.ticket !== ticket) return
  if (!result.ok) return nack(draft, { ch }, result.error)
  change(draft, { known: true })
  send(draft, { type: 'erased', ch, proof: encodeErasureProof(proof), receipt: result.value.receipt })
  const { scope } = proof
  if (scope.kind === 'shard') dropSubscription(draft, ch, scope.shard)
  else closeErased(draft, ch, channel)
}

const closeErased = (draft: Draft, ch: number, channel: Channel): undefined => {
  leaveChannel(draft, ch)
  setChannel(draft, ch, { ...bare(channel), kind: 'opened', challenge: undefined, at: draft.env.now })
}

/** Somebody erased what this socket has open: told at once, with the proof. */
export const onErasure = (draft: Draft, proof: ErasureProof): undefined => {
  const { scope } = proof
  const refused: Refused = { name: 'erased', detail: encodeErasureProof(proof) }
  for (const [ch, channel] of draft.state.channels) {
    if (channel.kind !== 'ready' || channel.root !== scope.root) continue
    if (scope.kind === 'root') {
      closeErased(draft, ch, channel)
      nack(draft, { ch }, refused)
    } else if (channel.subscriptions.has(scope.shard)) {
      dropSubscription(draft, ch, scope.shard)
      nack(draft, { ch, shard: scope.shard }, refused)
    }
  }
}
