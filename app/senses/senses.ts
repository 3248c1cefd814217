import type { Session } from '#app/domain/practice/session.ts'
import { type Cue, type CuePlan, cuesBetween } from '#core/breath-cues.ts'
import type { After, Haptics, PracticeLock, SenseSettings, Senses, Tones, WakeLock } from './ports.ts'
import { bellVoice, buzzOf, voiceOf } from './voices.ts'

export type SensesOptions = {
  readonly tones: Tones
  readonly haptics: Haptics
  readonly wakeLock: WakeLock
  readonly practiceLock: PracticeLock
  readonly settings: () => SenseSettings
  /** Synchronised epoch milliseconds, as the session's spans. */
  readonly now: () => number
  readonly after: After
}

/** Timers of a hidden tab run once a minute at worst (Chromium's intensive throttling): more than that is laid out ahead. */
const LOOKAHEAD_MS = 75_000
const REFILL_MS = 20_000
/** A cue that is this late is still given: the first inhale begins within the tap that starts it. */
const LATE_MS = 300

type Course = Extract<Session, { kind: 'count-in' | 'running' }>
type Laid = { readonly cue: Cue; readonly cancel: () => void }

/** The session's breath time without the jump of a resumed count-in: at `breathMs` of the span when it starts. */
const positionAt = ({ spans }: Course, nowMs: number): number => {
  const span = spans.at(-1)
  return span === undefined ? 0 : span.breathMs + nowMs - span.startMs
}

export const cuePlanOf = ({ setup, spans, endMs }: Course, settings: SenseSettings): CuePlan => ({
  breath: setup.pattern.breath,
  endMs,
  countInMs: setup.countInMs,
  warmUpBell: spans.length === 1 && settings.warmUpBell !== 'none',
  endBell: settings.endBell !== 'none',
  intervalMs: settings.intervalBell === 'none' ? null : settings.intervalMinutes * 60_000
})

export const createSenses = (options: SensesOptions): Senses => {
  const { tones, haptics, wakeLock, practiceLock, settings, now, after } = options
  let course: Course | null = null
  let laid: Laid[] = []
  /** Breath time up to which cues of this span were laid out. */
  let laidUntil = Number.NEGATIVE_INFINITY
  let cancelRefill: () => void = () => undefined

  /** Sound on the audio clock; touch has no clock but a timer. */
  const lay = (cue: Cue, inMs: number): Laid => {
    const audioNow = tones.now()
    const stopSound = audioNow === null ? () => undefined : tones.play(voiceOf(cue, settings()), audioNow + inMs / 1000)
    const buzz = settings().haptics && haptics.available ? buzzOf(cue) : []
    const stopBuzz = buzz.length === 0 ? () => undefined : after(Math.max(0, inMs), () => haptics.buzz(buzz))
    return {
      cue,
      cancel: () => {
        stopSound()
        stopBuzz()
      }
    }
  }

  let waking = false
  const wake = (): void => {
    if (waking) return
    waking = true
    void tones.wake().then((runs) => {
      waking = false
      if (runs) layAgain()
    })
  }

  const refill = (): void => {
    cancelRefill()
    if (course === null) return
    // A call or another app may have stopped the audio clock meanwhile.
    if (tones.available && tones.now() === null) wake()
    const position = positionAt(course, now())
    const first = course.spans.at(-1)?.breathMs ?? 0
    // A resumed span begins with its own first inhale; what lies before it was heard before the pause.
    const earliest = course.spans.length > 1 ? first : Number.NEGATIVE_INFINITY
    const from = Math.max(position - LATE_MS, laidUntil, earliest)
    const to = position + LOOKAHEAD_MS
    laid = laid.filter(({ cue }) => cue.atMs > position - LATE_MS)
    for (const cue of cuesBetween(cuePlanOf(course, settings()), from, to)) laid.push(lay(cue, cue.atMs - position))
    laidUntil = to
    cancelRefill = after(REFILL_MS, refill)
  }

  /** Takes back what has not begun; what sounds now may end by itself. */
  const takeBack = (position: number): void => {
    for (const { cue, cancel } of laid) if (cue.atMs > position) cancel()
    laid = laid.filter(({ cue }) => cue.atMs <= position)
    // Past what was kept, were it at this very instant.
    laidUntil = Math.min(laidUntil, position + 0.001)
  }

  const layAgain = (): void => {
    if (course === null) return
    takeBack(positionAt(course, now()))
    refill()
  }

  const stop = (): void => {
    cancelRefill()
    if (course !== null) takeBack(positionAt(course, now()))
    course = null
    laidUntil = Number.NEGATIVE_INFINITY
    wakeLock.release()
  }

  const start = (next: Course): void => {
    const sameSpan = course !== null && course.spans.at(-1)?.startMs === next.spans.at(-1)?.startMs
    if (sameSpan && course?.endMs === next.endMs) {
      course = next
      return
    }
    if (course !== null) takeBack(positionAt(course, now()))
    if (!sameSpan) laidUntil = Number.NEGATIVE_INFINITY
    course = next
    wakeLock.hold()
    if (tones.now() === null && tones.available) {
      // Waking may wait for ever (no tap): then touch goes on without sound.
      cancelRefill()
      cancelRefill = after(LATE_MS, refill)
      wake()
    } else refill()
  }

  return {
    available: { sound: tones.available, haptics: haptics.available, wakeLock: wakeLock.available },
    follow: (session) => {
      // Paused or being reflected on, it is still this tab's practice.
      if (session.kind === 'idle' || session.kind === 'done') practiceLock.release()
      else practiceLock.hold()
      if (session.kind === 'running' || session.kind === 'count-in') start(session)
      else if (course !== null) stop()
    },
    refresh: layAgain,
    tryBell: (bell, volume) => {
      void tones.wake().then((runs) => {
        if (runs) tones.play(bellVoice(bell, volume), tones.now() ?? 0)
      })
    },
    close: () => {
      stop()
      practiceLock.release()
      tones.close()
    }
  }
}
