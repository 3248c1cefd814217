import { type EraseReceipt, type ErasureProof, eraseMessage, eraseReceiptMessage } from '#core/certificate.ts'
import { rootIdFromHash } from '#core/ids.ts'
import { digestOf } from './digest.ts'
import type { Tools } from './kept-keys.ts'

/** An erasure is believed from anyone who shows it: the key must be the root's own, and the signature the key's. */
export const isErasureProven = async ({ subtle, ed25519 }: Tools, proof: ErasureProof): Promise<boolean> =>
  rootIdFromHash(await digestOf(subtle, proof.rootKey)) === proof.scope.root &&
  ed25519.verify(proof.rootKey, eraseMessage(proof.scope), proof.signature)

/** Whether the relay whose key the receipt names signed it. That it is the pinned relay's key is the caller's to see. */
export const isReceiptProven = ({ ed25519 }: Tools, proof: ErasureProof, receipt: EraseReceipt): Promise<boolean> =>
  ed25519.verify(receipt.relayKey, eraseReceiptMessage(proof, receipt), receipt.signature)
