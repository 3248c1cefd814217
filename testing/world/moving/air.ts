import type { BeatChannel } from '#app/log/leader.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Gate } from '#testing/world/gate.ts'

/** One BroadcastChannel of one profile: what a page says, the others hear a little later. */
export interface Air {
  join(gate: Gate): BeatChannel
}

export const createAir = (scheduler: Scheduler, random: Random): Air => {
  const all = new Set<BeatChannel>()
  return {
    join: (gate) => {
      const channel: BeatChannel = {
        onmessage: null,
        postMessage: (message) => {
          if (gate.state() === 'dead') return
          const data: unknown = structuredClone(message)
          for (const other of all) {
            if (other === channel) continue
            const hear = (): void => other.onmessage?.({ data } as MessageEvent)
            scheduler.after(random.between(0, 20), '', hear)
          }
        },
        close: () => all.delete(channel)
      }
      // A dead page hears nothing.
      const gated: BeatChannel = {
        get onmessage() {
          return channel.onmessage
        },
        set onmessage(hear) {
          channel.onmessage = hear === null ? null : gate.in(hear)
        },
        postMessage: channel.postMessage,
        close: channel.close
      }
      all.add(channel)
      return gated
    }
  }
}
