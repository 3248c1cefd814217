/** @param q 0..1; nearest rank. NaN of nothing. */
export const quantile = (values: readonly number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN
}

/** Mean of the two in the middle where their number is even. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const high = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (low + high) / 2
}

export interface Histogram {
  add(ms: number): void
  /** Upper edge of the bucket, ms. NaN of nothing. */
  quantile(q: number): number
  count(): number
  clear(): void
}

const BUCKET_MS = 0.05
const BUCKETS = 400_000

/** Latencies up to 20 s in steps of 0.05 ms: adding one costs no memory. */
export const createHistogram = (): Histogram => {
  const buckets = new Uint32Array(BUCKETS)
  let count = 0
  return {
    add(ms) {
      buckets[Math.max(0, Math.min(BUCKETS - 1, Math.floor(ms / BUCKET_MS)))] =
        (buckets[Math.max(0, Math.min(BUCKETS - 1, Math.floor(ms / BUCKET_MS)))] as number) + 1
      count++
    },
    quantile(q) {
      let left = Math.max(1, Math.ceil(q * count))
      for (let i = 0; i < BUCKETS; i++) {
        left -= buckets[i] as number
        if (left <= 0) return (i + 1) * BUCKET_MS
      }
      return Number.NaN
    },
    count: () => count,
    clear() {
      buckets.fill(0)
      count = 0
    }
  }
}
