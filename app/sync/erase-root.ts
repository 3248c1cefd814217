import type { RelayName } from '#app/store/ports.ts'
import type { Keyholder, Vault } from '#app/vault/ports.ts'
import { bytesEqual, bytesToBase64Url } from '#core/bytes.ts'
import {
  decodeEraseReceipt,
  decodeErasureProof,
  type EraseReceipt,
  type ErasureProof,
  encodeErasureProof
} from '#core/certificate.ts'
import { refusalFromCode, refusalRetry } from '#core/refusal.ts'
import { err, ok, type Result } from '#core/result.ts'
import { converse, hearOne, type TalkPorts } from './converse.ts'
import type { ReceiptToKeep } from './status.ts'

/** ERASE of a whole root. Nothing counts as erased without the relay's signed receipt. */

export interface Erased {
  /** Encoded ErasureProof: what this device shows for ever to a relay that has forgotten. */
  readonly proof: Uint8Array
  readonly receipt: ReceiptToKeep
}

/** `relay-busy`: it said no for now (a full disk, a pause): worth asking again. */
export type EraseFailure = 'relay-not-reached' | 'relay-busy' | 'relay-refused'

const failureOf = ({ code }: { readonly code: number }): EraseFailure => {
  const name = refusalFromCode(code)
  return name !== undefined && refusalRetry(name) !== 'never' ? 'relay-busy' : 'relay-refused'
}

export const eraseRoot = async (
  ports: TalkPorts & { readonly vault: Pick<Vault, 'verifyReceipt'> },
  keyholder: Keyholder,
  relay: RelayName
): Promise<Result<Erased, EraseFailure>> => {
  const { root } = keyholder
  return showErasure(ports, await keyholder.signErasure({ kind: 'root', root }), relay)
}

/** A proof is shown by whoever has it. */
export const showErasure = async (
  ports: TalkPorts & { readonly vault: Pick<Vault, 'verifyReceipt'> },
  signed: ErasureProof,
  relay: RelayName
): Promise<Result<Erased, EraseFailure>> => {
  const { root } = signed.scope
  const result = await converse(ports, relay, async (line): Promise<Result<Erased, EraseFailure>> => {
    line.send({ type: 'open', ch: 0, root })
    const challenge = await hearOne(line, 'challenge', 'nack')
    if (challenge?.type !== 'challenge')
      return err(challenge === undefined ? 'relay-not-reached' : failureOf(challenge))
    line.send({ type: 'erase', ch: 0, ...signed })
    const erased = await hearOne(line, 'erased', 'nack')
    if (erased === undefined) return err('relay-not-reached')
    if (erased.type === 'nack') return err(failureOf(erased))
    const proof = decodeErasureProof(erased.proof)
    const receipt = decodeEraseReceipt(erased.receipt)
    const about = proof.ok && bytesEqual(erased.proof, encodeErasureProof(signed)) && receipt.ok
    if (!about || !bytesEqual(receipt.value.relayKey, challenge.relayKey)) return err('relay-refused')
    if (!(await ports.vault.verifyReceipt(proof.value, receipt.value))) return err('relay-refused')
    return ok({ proof: erased.proof, receipt: receiptToKeep(relay, erased.proof, erased.receipt, receipt.value) })
  })
  return result ?? err('relay-not-reached')
}

const receiptToKeep = (
  relay: RelayName,
  proof: Uint8Array,
  signed: Uint8Array,
  { erasedAt, backupDays }: EraseReceipt
): ReceiptToKeep => ({
  relay,
  at: erasedAt,
  backupDays: backupDays === 0 ? null : backupDays,
  text: `council.sealed.1 erased ${relay} ${bytesToBase64Url(proof)} ${bytesToBase64Url(signed)}`
})
