/**
 * A line that may be due a thousand times a second (a full disk, a room each) is written a few times; the next one that is tells how many
 * were left out.
 * @param now milliseconds since 1970 UTC
 */
export const createRarely = (perSecond: number, now: () => number): ((write: (leftOut: number) => void) => void) => {
  let second = 0
  let written = 0
  let leftOut = 0
  return (write) => {
    const current = Math.floor(now() / 1_000)
    if (current !== second) {
      second = current
      written = 0
    }
    if (written >= perSecond) {
      leftOut++
      return
    }
    written++
    write(leftOut)
    leftOut = 0
  }
}
