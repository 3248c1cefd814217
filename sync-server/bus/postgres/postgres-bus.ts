import { createBusCore } from '#server/bus/bus-core.ts'
import type { BusOptions, CountedBus } from '#server/bus/bus-parts.ts'
import { type Line, openLine } from './line.ts'

export interface PostgresBusOptions extends BusOptions {
  /** postgres://… directly to the server: LISTEN does not come through a pool that shares connections by the transaction. */
  readonly url: string
  /** Milliseconds between two looks at whether the connection still carries; tests shorten it. */
  readonly pulseMs?: number
}

const PULSE_MS = 2_000

/** Messages between relays over LISTEN and NOTIFY, on two connections of its own. Starts whether the server is there or not. */
export const createPostgresBus = (options: PostgresBusOptions): CountedBus => {
  const core = createBusCore(options)
  const { url, pulseMs = PULSE_MS } = options
  let line: Line | undefined
  let retry: NodeJS.Timeout | undefined

  const connect = (): void => {
    line = openLine({
      url,
      pulseMs,
      onMessage: core.heard,
      onLoss: core.missed,
      onOpen(send) {
        core.connected()
        core.outbox.open(send)
      },
      onBeat: core.there,
      onLate: core.away,
      onEnd(reason) {
        line = undefined
        core.outbox.shut()
        core.away(reason)
        if (!core.isClosed()) retry = setTimeout(connect, core.backoff())
      }
    })
  }
  connect()

  return {
    ...core.face,
    async close() {
      clearTimeout(retry)
      await core.close(async () => line?.end())
      line?.cut()
    }
  }
}
