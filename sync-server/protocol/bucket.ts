/** Token bucket: a burst at once, then a steady rate. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** Changed in place: there are three a connection, and each frame draws on two. */
export interface Bucket {
  tokens: number
  /** Milliseconds; when `tokens` was true. */
  at: number
}

export const fullBucket = (rate: Rate, now: number): Bucket => ({ tokens: rate.burst, at: now })

/** @returns how long to wait before it would succeed: 0 = taken. */
export const takeTokens = (bucket: Bucket, rate: Rate, cost: number, now: number): number => {
  // A wall clock may step back: then nothing is refilled until it has caught up.
  const elapsed = Math.max(0, now - bucket.at)
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (elapsed * rate.perSecond) / 1_000)
  bucket.at = now
  const missing = Math.min(cost, rate.burst) - bucket.tokens
  if (missing > 0) return Math.ceil((missing * 1_000) / rate.perSecond)
  bucket.tokens -= Math.min(cost, rate.burst)
  return 0
}
