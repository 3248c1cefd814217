/** The largest value of the last minute: a gauge that no scrape interval misses. */
export interface Worst {
  /** Once a second. */
  add(ms: number): void
  ms(): number
}

const SECONDS = 60

export const createWorst = (): Worst => {
  const seconds = new Float64Array(SECONDS)
  let at = 0
  return {
    add(ms) {
      seconds[at] = ms
      at = (at + 1) % SECONDS
    },
    ms: () => seconds.reduce((worst, each) => Math.max(worst, each), 0)
  }
}
