import { CLAIM_SECONDS, type Claim, MOST_AHEAD_SECONDS } from '#core/field.ts'

/** A claim is renewed so long before it ends: the time a message may take without a second being lost. */
export const RENEW_AHEAD_SECONDS = 3

/**
 * The next claim of a practice, or how long to wait for it. Claims of one device never share a second, whatever relay they go to:
 * what is summed over relays then counts nobody twice.
 * @param relayMs relay time now, as far as it is known
 * @param claimedUntil the first second of relay time that was never claimed, as each place that remembers it has it
 */
export const nextClaim = (
  id: string,
  relayMs: number,
  ...claimedUntil: readonly number[]
): { readonly kind: 'claim'; readonly claim: Claim } | { readonly kind: 'wait'; readonly ms: number } => {
  const second = Math.floor(relayMs / 1_000)
  // No relay takes a claim so far ahead: it was made by a clock that is no longer believed.
  const until = Math.max(0, ...claimedUntil.filter((each) => each <= second + 2 * MOST_AHEAD_SECONDS))
  const renewAt = until - RENEW_AHEAD_SECONDS
  if (second < renewAt) return { kind: 'wait', ms: renewAt * 1_000 - relayMs }
  const from = Math.max(until, second + 1)
  return { kind: 'claim', claim: { id, from, to: from + CLAIM_SECONDS } }
}
