import { encodeErasureProof } from '#core/certificate.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Refused } from '#server/protocol/state.ts'
import type { StoreFailure } from './ports.ts'

/** Space comes back when somebody compacts, purges or adds a disk: not within seconds. */
const FULL_RETRY_MS = 60_000
const STORE_RETRY_MS = 2_000

export const storeFailureToRefused = (failure: StoreFailure): Refused => {
  switch (failure.kind) {
    case 'erased':
      return { name: 'erased', detail: encodeErasureProof(failure.proof) }
    case 'epoch':
      return { name: 'epoch', detail: failure.certificate }
    case 'root-full':
    case 'relay-full':
      return { name: failure.kind, retryAfterMs: FULL_RETRY_MS }
    case 'store':
      return { name: 'store', retryAfterMs: STORE_RETRY_MS }
    default:
      return { name: failure.kind }
  }
}

export const asAnswer = <From, To>(
  result: Result<From, StoreFailure>,
  map: (value: From) => To
): Result<To, Refused> => (result.ok ? ok(map(result.value)) : err(storeFailureToRefused(result.error)))
