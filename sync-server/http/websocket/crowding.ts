import type { Assembly } from './assembly.ts'

/** Somebody whose message has begun. */
export interface Holder {
  readonly address: string
  readonly assembly: Assembly | undefined
}

/**
 * Whose message is given up when there is no room for all: the largest of the address that holds most. Who came last is not
 * to blame, and who fills the room must not keep others out.
 */
export const largestHolder = <Line extends Holder>(lines: Iterable<Line>): Line | undefined => {
  const bytesByAddress = new Map<string, number>()
  const largestByAddress = new Map<string, Line>()
  let found: Line | undefined
  let most = 0
  for (const line of lines) {
    const received = line.assembly?.received ?? 0
    if (received === 0) continue
    const bytes = (bytesByAddress.get(line.address) ?? 0) + received
    bytesByAddress.set(line.address, bytes)
    if (received > (largestByAddress.get(line.address)?.assembly?.received ?? 0))
      largestByAddress.set(line.address, line)
    if (bytes > most) {
      most = bytes
      found = line
    }
  }
  return found === undefined ? undefined : largestByAddress.get(found.address)
}
