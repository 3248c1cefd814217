import { type Line, openLine } from './line.ts'
import type { Relay } from './relays.ts'

/**
 * What stands before the relays in the tests of faults: a front for each relay, which is that relay while it is well and
 * another one while it is not. Health is asked for as deploy/haproxy does, and a relay that looks dead loses its sessions.
 */
export interface Balancer extends AsyncDisposable {
  /** Origins, one for each relay. */
  readonly fronts: readonly string[]
  /** Whether it takes this relay for well. */
  isUp(at: number): boolean
}

const EVERY_MS = 500
const WITHIN_MS = 1_000
const FALL = 2

const isReady = (relay: Relay): Promise<boolean> =>
  fetch(`${relay.origin}/readyz`, { signal: AbortSignal.timeout(WITHIN_MS) }).then(
    async (answer) => {
      await answer.body?.cancel()
      return answer.status === 200
    },
    () => false
  )

/** @param relays asked at each step: they are begun after their fronts, whose addresses they must know. */
export const openBalancer = async (count: number, relays: () => readonly Relay[]): Promise<Balancer> => {
  const failures = Array.from({ length: count }, () => FALL)
  const isUp = (at: number): boolean => (failures[at] ?? FALL) < FALL
  const route = (preferred: number): number | undefined => {
    const inOrder = Array.from({ length: count }, (_, i) => (preferred + i) % count)
    const at = inOrder.find(isUp)
    return at === undefined ? undefined : relays()[at]?.port
  }
  const lines: Line[] = []
  for (let at = 0; at < count; at++) lines.push(await openLine(() => route(at)))

  const look = async (relay: Relay, at: number): Promise<void> => {
    const wasUp = isUp(at)
    failures[at] = (await isReady(relay)) ? 0 : Math.min(FALL, (failures[at] ?? 0) + 1)
    if (wasUp && !isUp(at)) for (const line of lines) line.reset(relay.port)
  }
  let isOver = false
  const watch = async (at: number): Promise<void> => {
    while (!isOver) {
      const relay = relays()[at]
      if (relay !== undefined) await look(relay, at)
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
  }
  const watching = Array.from({ length: count }, (_, at) => watch(at))
  return {
    fronts: lines.map((line) => `http://localhost:${line.port}`),
    isUp,
    async [Symbol.asyncDispose]() {
      isOver = true
      await Promise.all(watching)
      for (const line of lines) await line[Symbol.asyncDispose]()
    }
  }
}
