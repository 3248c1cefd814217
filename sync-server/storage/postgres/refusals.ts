import { decodeErasureProof, type ErasureProof } from '#core/certificate.ts'
import type { StoreFailure } from '#server/rooms/ports.ts'

/** How the functions of the schema refuse. */
export interface Refusal {
  readonly o_refusal: 'erased' | 'epoch' | 'fork' | 'cas' | 'root-full' | null
  readonly o_floor?: number | null
  readonly o_certificate?: Uint8Array | null
  readonly o_proof?: Uint8Array | null
}

export const proofOf = (bytes: Uint8Array): ErasureProof => {
  const proof = decodeErasureProof(bytes)
  if (!proof.ok) throw new Error('an erasure proof in the store is damaged')
  return proof.value
}

/** @param refusal one whose o_refusal is not null */
export const refusalOf = ({ o_refusal, o_floor, o_certificate, o_proof }: Refusal): StoreFailure => {
  if (o_refusal === null) throw new Error('not a refusal')
  if (o_refusal === 'erased') return { kind: 'erased', proof: proofOf(o_proof ?? new Uint8Array()) }
  if (o_refusal === 'epoch') {
    return { kind: 'epoch', floor: o_floor ?? -1, certificate: o_certificate ?? new Uint8Array() }
  }
  return { kind: o_refusal }
}
