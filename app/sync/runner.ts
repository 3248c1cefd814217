import { encodeDeviceFrame } from '#core/frame-codec-device.ts'
import { decodeRelayFrame } from '#core/frame-codec-relay.ts'
import type { DeviceFrame } from '#core/frames.ts'
import { createBench, LogFailed } from './bench.ts'
import { perform, type WorkEffect } from './perform.ts'
import type { RunnerPorts, Socket } from './ports.ts'
import { onEvent } from './session.ts'
import { type SessionState, startState } from './session-state.ts'
import type { Effect, SessionEvent, TimerName } from './session-words.ts'

/** Drives one session with one relay: one event at a time, each effect to its end before the next. */
export interface Runner {
  start(): void
  /** Hangs up; what is under way is finished first. */
  stop(): Promise<void>
  /** Something urgent was written (a finished practice), or the page is about to be hidden: nothing waits for its timer. */
  urgent(): void
  /** Tries now instead of at the planned moment. */
  retry(): void
  /** The keyring or this device's log may name other documents now. */
  documentsChanged(): void
  state(): SessionState
  subscribe(changed: (state: SessionState) => void): () => void
  /** Resolves when nothing is under way and nothing is queued. */
  settled(): Promise<void>
}

export const createRunner = (ports: RunnerPorts): Runner => {
  const bench = createBench(ports)
  const timers = new Map<TimerName, () => void>()
  const listeners = new Set<(state: SessionState) => void>()
  const queue: SessionEvent[] = []
  const several = (ports.carry?.relays.length ?? 1) > 1
  let state = startState(ports.keyholder.root, several)
  let socket: Socket | undefined
  let running: Promise<void> | undefined
  let unsubscribe: (() => void)[] = []

  const clearTimer = (name: TimerName): void => {
    timers.get(name)?.()
    timers.delete(name)
  }

  const forgetSocket = (): void => {
    bench.pushed.clear()
    bench.returned.clear()
  }

  const hangUp = (): void => {
    for (const name of [...timers.keys()]) clearTimer(name)
    socket?.close()
    socket = undefined
    forgetSocket()
  }

  /** Events of a socket that was replaced meanwhile mean nothing any more. */
  const dial = (): void => {
    socket?.close()
    forgetSocket()
    const mine: { current: Socket | undefined } = { current: undefined }
    const hear = (event: () => SessionEvent): void => {
      if (mine.current === undefined || mine.current === socket) post(event())
    }
    mine.current = ports.dial(ports.relay, {
      opened: () => hear(() => ({ type: 'opened' })),
      frame: (bytes) =>
        hear(() => {
          const frame = decodeRelayFrame(bytes)
          return frame.ok ? { type: 'frame', frame: frame.value } : { type: 'malformed' }
        }),
      closed: (code) => hear(() => ({ type: 'closed', code }))
    })
    socket = mine.current
  }

  const send = (frame: DeviceFrame): void => socket?.send(encodeDeviceFrame(frame))

  const act = (effect: Effect): boolean => {
    switch (effect.type) {
      case 'dial':
        // What was found out in between may have ended it.
        if (state.phase === 'dialling') dial()
        return true
      case 'hang-up':
        hangUp()
        return true
      case 'send':
        send(effect.frame)
        return true
      case 'set-timer': {
        const { name } = effect
        clearTimer(name)
        timers.set(
          name,
          ports.setTimer(effect.ms, () => timers.delete(name) && post({ type: 'timer', name }))
        )
        return true
      }
      case 'clear-timer':
        clearTimer(effect.name)
        return true
      case 'probe':
        send({ type: 'time', t0: Math.round(ports.clock.mono()) })
        return true
      case 'sample':
        ports.onSample?.({ t0: effect.t0, t1: effect.t1, t2: effect.t2, t3: ports.clock.mono() })
        return true
      default:
        return false
    }
  }

  const work = async (effect: WorkEffect): Promise<SessionEvent | undefined> => {
    try {
      return await perform(bench, effect, send)
    } catch (error) {
      if (error instanceof LogFailed) return { type: 'failed', failure: error.failure }
      const reason = error instanceof Error ? error.message : String(error)
      ports.report?.(`sync ${effect.type}: ${reason}`)
      return { type: 'failed', failure: { kind: 'io', reason } }
    }
  }

  /** The answer to an effect is taken in before the effects after it: they were decided first, but nothing else may come between. */
  const handle = async (event: SessionEvent): Promise<void> => {
    const moment = { now: ports.clock.now(), random: ports.random() }
    const next = onEvent(state, event, moment)
    const changed = next.state !== state
    state = next.state
    if (changed) for (const listener of listeners) listener(state)
    for (const effect of next.effects) {
      if (act(effect)) continue
      const answer = await work(effect as WorkEffect)
      if (answer !== undefined) await handle(answer)
    }
  }

  const drain = async (): Promise<void> => {
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      try {
        await handle(event)
      } catch (error) {
        ports.report?.(`sync ${event.type}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    running = undefined
  }

  const post = (event: SessionEvent): void => {
    queue.push(event)
    running ??= drain()
  }

  const settled = async (): Promise<void> => {
    while (running !== undefined) await running
  }

  return {
    start: () => {
      if (unsubscribe.length === 0)
        unsubscribe = [
          ports.docLog.subscribe((doc) => post({ type: 'local', doc })),
          ...(several && ports.carry ? [ports.carry.hear(ports.relay, (doc) => post({ type: 'elsewhere', doc }))] : [])
        ]
      post({ type: 'start' })
    },
    stop: async () => {
      for (const each of unsubscribe) each()
      unsubscribe = []
      post({ type: 'stop' })
      await settled()
    },
    urgent: () => post({ type: 'urgent' }),
    retry: () => post({ type: 'retry' }),
    documentsChanged: () => post({ type: 'documents' }),
    state: () => state,
    subscribe: (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    settled
  }
}
