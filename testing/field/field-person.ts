import { createReporter, type Reporter } from '#app/sync/open-room-reporter.ts'
import { parseReport } from '#core/field.ts'
import { decodePresences, encodePresences } from '#server/protocol/open/awareness.ts'
import { decodeOpenMessage } from '#server/protocol/open/messages.ts'
import { createTestSocket } from '#server/rooms/open/test-socket.fixture.ts'
import type { ConnectionHandle } from '#server/rooms/relay-ports.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { WorldRelay } from './field-relay.ts'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

export interface Person {
  readonly reporter: Reporter
  /** Goes to a relay, after leaving the one before without a word. */
  go(relay: WorldRelay | undefined): void
  practise(on: boolean): void
  /** Closes the page and opens it anew: nothing is left but what the browser keeps. */
  reload(): void
}

interface PersonOptions {
  readonly scheduler: Scheduler
  readonly random: Random
  /** The field's, at every relay. */
  readonly room: string
  /** Never the same twice. */
  readonly nextName: () => number
}

/** Somebody who practises in the app, on a line of which nothing is sure. */
export const createPerson = ({ scheduler, random: chance, room, nextName }: PersonOptions): Person => {
  let claimedUntil = 0
  let link: { relay: WorldRelay; handle: ConnectionHandle; isOver: boolean; lastAt: number } | undefined
  let clientId = 0
  let clock = 1
  let practising = false
  let at: WorldRelay | undefined
  let own = 0
  const self = `person${nextName()}`.padEnd(12, '_')

  const newReporter = (): Reporter => {
    const born = ++own
    clientId = nextName()
    return createReporter({
      room: {
        isConnected: () => link !== undefined,
        say(state) {
          const to = link
          if (to === undefined) return
          const claim = state === null ? undefined : parseReport(state)
          const bytes = encodePresences([
            {
              client: clientId,
              clock: ++clock,
              state: state === null ? undefined : encoder.encode(JSON.stringify(state))
            }
          ])
          // A socket keeps its order. Providers say again what they said, as often as they like.
          for (let times = claim === undefined ? 1 : 1 + chance.below(3); times > 0; times--) {
            to.lastAt = Math.max(to.lastAt, scheduler.now() + chance.below(400))
            scheduler.after(to.lastAt - scheduler.now(), '', () =>
              to.relay.whenAwake(() => !to.isOver && to.handle.message(bytes))
            )
          }
        }
      },
      mono: () => scheduler.now() + 1_234,
      setTimer: (ms, fire) => scheduler.after(ms, '', () => born === own && fire()),
      newId: () => `${self}-practice-${nextName()}`,
      claimed: {
        until: () => claimedUntil,
        keep: (until) => {
          claimedUntil = until
        }
      },
      onTime() {}
    })
  }
  let reporter = newReporter()

  const drop = (): void => {
    const old = link
    link = undefined
    if (old === undefined) return
    // The relay learns of it later, and what was under way is lost.
    old.isOver = true
    scheduler.after(chance.below(20_000), '', () => old.handle.closed())
  }

  const go = (to: WorldRelay | undefined): void => {
    drop()
    reporter.disconnected()
    at = to
    if (to === undefined || to.diedAt < Number.POSITIVE_INFINITY) return
    const socket = createTestSocket()
    const mine = { relay: to, handle: to.rig.connect(socket, { path: room }), isOver: false, lastAt: 0 }
    link = mine
    socket.onMessage = (bytes) => {
      const message = decodeOpenMessage(bytes)
      if (message.kind !== 'awareness') return
      const heard = decodePresences(message.entries)
      if (!heard.ok) return
      scheduler.after(chance.below(400), '', () => {
        for (const { state } of heard.value) {
          if (!mine.isOver && state !== undefined) reporter.heard(JSON.parse(decoder.decode(state)))
        }
      })
    }
    reporter.connected()
  }

  return {
    get reporter() {
      return reporter
    },
    go,
    practise(on) {
      practising = on
      reporter.practise(on)
    },
    reload() {
      const to = at
      go(undefined)
      reporter = newReporter()
      reporter.practise(practising)
      go(to)
    }
  }
}
