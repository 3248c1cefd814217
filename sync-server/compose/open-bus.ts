import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import type { BusConfig } from '#server/config-store.ts'
import type { Bus } from '#server/rooms/ports.ts'

/** Never waits for a broker: a relay works without, only slower. */
export const openBus = (config: BusConfig): Bus => {
  if (config.kind === 'memory') return createMemoryBus()
  throw new Error(`no bus of kind ${config.kind}`)
}
