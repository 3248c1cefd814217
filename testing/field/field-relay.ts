import { createField } from '#server/field/field.ts'
import type { Field } from '#server/field/ports.ts'
import { openRig, type Rig } from '#server/rooms/open/open-rig.fixture.ts'
import type { Clock } from '#server/rooms/relay-ports.ts'
import { createLedger, type Ledger } from './field-ledger.ts'
import type { FieldStage } from './field-world.ts'

/** A relay of the field's world: the product's rooms and field over the shared store; what it counts is counted once more beside it. */

const STEADY_MS = 2_000

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

export const createFieldRelay = ({ scheduler, disk, bus, random, nowMs }: FieldStage): WorldRelay => {
  const second = (): number => Math.floor(nowMs() / 1_000)
  const ledger = createLedger()
  let frozenUntil = 0
  let isDead = false
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
      ledger.hear(report, second())
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
