/** Every refusal on the sealed log has a number on the wire, a name, and tells whether trying again can help. */
export type Retry = 'now' | 'backoff' | 'never'

const REFUSALS = {
  malformed: { code: 1, retry: 'never' },
  'unknown-channel': { code: 2, retry: 'now' },
  signature: { code: 3, retry: 'never' },
  'stale-challenge': { code: 4, retry: 'now' },
  certificate: { code: 5, retry: 'never' },
  /** The entry's or certificate's epoch is not the root's floor. Detail: the floor's writer certificate where known. */
  epoch: { code: 6, retry: 'now' },
  /** The relay's hash at the seq a PULL names is another, or unknown. Detail: empty. */
  fork: { code: 7, retry: 'now' },
  /** A snapshot or rotation lost its compare-and-swap. */
  cas: { code: 8, retry: 'now' },
  /** Root or shard was erased for good. Detail: the ERASE's scope and signature (ErasureProof), so that the late device can verify it. */
  erased: { code: 9, retry: 'never' },
  'too-large': { code: 10, retry: 'never' },
  'root-full': { code: 11, retry: 'backoff' },
  'relay-full': { code: 12, retry: 'backoff' },
  rate: { code: 13, retry: 'backoff' },
  paused: { code: 14, retry: 'backoff' },
  /** The store failed: disk full, I/O error, another process holds it. Nothing was accepted. */
  store: { code: 15, retry: 'backoff' },
  admission: { code: 16, retry: 'never' },
  'too-many-channels': { code: 17, retry: 'never' },
  /** AUTH was signed for a host that is not among this relay's addresses. */
  host: { code: 18, retry: 'never' },
  'not-permitted': { code: 19, retry: 'never' },
  unsupported: { code: 20, retry: 'never' },
  'not-authenticated': { code: 21, retry: 'now' },
  expired: { code: 22, retry: 'never' }
} as const satisfies Record<string, { readonly code: number; readonly retry: Retry }>

export type RefusalName = keyof typeof REFUSALS

const nameByCode = new Map<number, RefusalName>(
  (Object.keys(REFUSALS) as RefusalName[]).map((name) => [REFUSALS[name].code, name])
)

export const refusalCode = (name: RefusalName): number => REFUSALS[name].code
export const refusalRetry = (name: RefusalName): Retry => REFUSALS[name].retry
/** @returns undefined for a code of a later version: treat it as backoff and show the number. */
export const refusalFromCode = (code: number): RefusalName | undefined => nameByCode.get(code)
export const allRefusals = (): readonly RefusalName[] => [...nameByCode.values()]
