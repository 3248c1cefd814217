/** Token bucket: a burst at once, then a steady rate. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

export interface Bucket {
  readonly tokens: number
  /** Milliseconds; when `tokens` was true. */
  readonly at: number
}

export const fullBucket = (rate: Rate, now: number): Bucket => ({ tokens: rate.burst, at: now })

/** @returns the bucket after the attempt, and how long to wait before it would succeed: 0 = taken. */
export const takeTokens = (
  bucket: Bucket,
  rate: Rate,
  cost: number,
  now: number
): { readonly bucket: Bucket; readonly waitMs: number } => {
  // A wall clock may step back: then nothing is refilled until it has caught up.
  const elapsed = Math.max(0, now - bucket.at)
  const tokens = Math.min(rate.burst, bucket.tokens + (elapsed * rate.perSecond) / 1_000)
  const price = Math.min(cost, rate.burst)
  const missing = price - tokens
  if (missing <= 0) return { bucket: { tokens: tokens - price, at: now }, waitMs: 0 }
  return { bucket: { tokens, at: now }, waitMs: Math.ceil((missing * 1_000) / rate.perSecond) }
}
