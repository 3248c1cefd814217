import { createBusCore } from '#server/bus/bus-core.ts'
import type { BusOptions, CountedBus } from '#server/bus/bus-parts.ts'
import { keepConnection } from './connection.ts'

export interface NatsBusOptions extends BusOptions {
  /** nats://[user:password@]host[:port][/prefix], several with commas between; tls:// where it must be TLS. */
  readonly url: string
  /** Milliseconds between two looks at whether the connection still carries; tests shorten it. */
  readonly pulseMs?: number
}

const PULSE_MS = 2_000

/**
 * Messages between relays over NATS, a subject for each topic. Starts whether a broker is there or not.
 * @throws TypeError where the address is none
 */
export const createNatsBus = (options: NatsBusOptions): CountedBus => {
  const core = createBusCore(options, (topic, isUsed) => connection.use(topic, isUsed))
  const { url, pulseMs = PULSE_MS } = options
  const connection = keepConnection(url, pulseMs, core)
  return {
    ...core.face,
    async close() {
      await core.close(connection.end)
      connection.cut()
    }
  }
}
