import { createReporter, type Reporter } from '#app/sync/open-room-reporter.ts'
import { FIELD_MAPS, fieldMonthAt, fieldRoom, parseReport } from '#core/field.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { createField } from '#server/field/field.ts'
import type { Field } from '#server/field/ports.ts'
import { decodePresences, encodePresences } from '#server/protocol/open/awareness.ts'
import { decodeOpenMessage } from '#server/protocol/open/messages.ts'
import { EPOCH, openRig, type Rig } from '#server/rooms/open/open-rig.fixture.ts'
import { createTestSocket } from '#server/rooms/open/test-socket.fixture.ts'
import type { Clock, ConnectionHandle } from '#server/rooms/relay-ports.ts'
import { createMemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import type { Random } from '#testing/random.ts'
import { createScheduler, type Scheduler } from '#testing/scheduler.ts'

/** Relays over one store and people who practise, on virtual time; what is counted is counted once more beside it, by hand. */

const STEADY_MS = 2_000
const decoder = new TextDecoder()
const encoder = new TextEncoder()
export const MONTH = fieldMonthAt(EPOCH / 1_000)
const ROOM = fieldRoom(MONTH)

/** By hand: who claimed which second at which run, with what the relay could know of it. */
export interface Ledger {
  /** Seconds counted at this run: second -> ids, which begin with the person's name here. */
  readonly idsBySecond: Map<number, Set<string>>
}

export interface WorldRelay {
  readonly rig: Rig
  readonly field: Field
  readonly ledger: Ledger
  /** From this second on it counts nothing any more. */
  diedAt: number
  endedInOrder: boolean
  kill(): void
  /** Stops as a process in SIGSTOP: nothing runs until it goes on. */
  freeze(ms: number): void
  isFrozen(): boolean
  /** It has run for a moment without a stop: what it counted is told. */
  isSteady(): boolean
  /** At once, or when it goes on. */
  whenAwake(run: () => void): void
  stop(): Promise<void>
}

export interface Person {
  readonly reporter: Reporter
  /** Goes to a relay, after leaving the one before without a word. */
  go(relay: WorldRelay | undefined): void
  practise(on: boolean): void
  /** Closes the page and opens it anew: nothing is left but what the browser keeps. */
  reload(): void
}

export interface FieldWorld {
  readonly scheduler: Scheduler
  second(): number
  relay(): WorldRelay
  person(random: Random): Person
  run(ms: number): Promise<void>
}

export const openFieldWorld = (random: Random): FieldWorld => {
  const scheduler = createScheduler()
  const disk = createMemoryRoomDisk()
  const bus = createMemoryBus()
  const nowMs = (): number => EPOCH + scheduler.now()
  const second = (): number => Math.floor(nowMs() / 1_000)
  let names = 0

  const relay = (): WorldRelay => {
    const ledger: Ledger = { idsBySecond: new Map() }
    let frozenUntil = 0
    let isDead = false
    const idBySocket = new Map<object, string>()
    const clock: Clock = {
      now: nowMs,
      after: (ms, run) => {
        const later = (): void => {
          if (isDead) return
          if (frozenUntil > scheduler.now()) scheduler.after(frozenUntil - scheduler.now(), '', later)
          else run()
        }
        return scheduler.after(ms, '', later)
      }
    }
    const rig: Rig = openRig({
      scheduler,
      disk,
      on: bus,
      isShared: true,
      random: random.bytes,
      onReport: (report) => {
        if (isDead) return undefined
        const heldAt = second()
        for (const { state } of report.presences) {
          const said = state === undefined ? undefined : parseReport(JSON.parse(decoder.decode(state)))
          if (said === undefined || said === 'when') continue
          idBySocket.set(report.socket, said.id)
          for (let at = Math.max(said.from, heldAt + 1); at < said.to; at++) {
            const ids = ledger.idsBySecond.get(at) ?? new Set()
            ledger.idsBySecond.set(at, ids.add(said.id))
          }
        }
        const gone = report.presences.some(({ state }) => state === undefined)
          ? idBySocket.get(report.socket)
          : undefined
        if (gone !== undefined) for (const [at, ids] of ledger.idsBySecond) if (at >= heldAt) ids.delete(gone)
        return field.report(report)
      }
    })
    const field = createField({
      clock,
      random: random.bytes,
      enter: (socket, room) => rig.relay.enterInside(socket, room),
      mostPerAddress: 1_000
    })
    const self: WorldRelay = {
      rig,
      field,
      ledger,
      diedAt: Number.POSITIVE_INFINITY,
      endedInOrder: false,
      kill() {
        isDead = true
        self.diedAt = second()
        rig.relay.halt()
      },
      freeze(ms) {
        frozenUntil = Math.max(frozenUntil, scheduler.now() + ms)
      },
      isFrozen: () => frozenUntil > scheduler.now(),
      isSteady: () => frozenUntil === 0 || frozenUntil < scheduler.now() - STEADY_MS,
      whenAwake(run) {
        if (frozenUntil > scheduler.now()) scheduler.after(frozenUntil - scheduler.now(), '', run)
        else run()
      },
      async stop() {
        self.diedAt = second()
        self.endedInOrder = true
        field.stop()
        await scheduler.runUntil(scheduler.now() + 50)
        isDead = true
        rig.relay.halt()
      }
    }
    return self
  }

  const person = (chance: Random): Person => {
    let claimedUntil = 0
    let link: { relay: WorldRelay; handle: ConnectionHandle; isOver: boolean; lastAt: number } | undefined
    let clientId = 0
    let clock = 1
    let practising = false
    let at: WorldRelay | undefined
    let own = 0
    const self = `person${++names}`.padEnd(12, '_')

    const newReporter = (): Reporter => {
      const born = ++own
      clientId = ++names
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
        newId: () => `${self}-practice-${++names}`,
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
      const mine = { relay: to, handle: to.rig.connect(socket, { path: ROOM }), isOver: false, lastAt: 0 }
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

  return { scheduler, second, relay, person, run: (ms) => scheduler.runUntil(scheduler.now() + ms) }
}

export const personOf = (id: string): string => id.split('-')[0] ?? ''

/** What stands in the document, as a client of this relay sees it. */
export const readerOf = (relay: WorldRelay) => {
  const { doc } = relay.rig.client(ROOM)
  return {
    now: () => [...doc.getMap(FIELD_MAPS.now).values()],
    hours: () => [...doc.getMap(FIELD_MAPS.hours).entries()] as [string, number][]
  }
}
