import type { Session } from '#app/domain/practice/session.ts'
import type { Settings } from '#app/domain/settings/settings.ts'

/** What the senses can do on this device. False means it cannot be done here, and the screen says so instead of offering it. */
export type SensesFacts = {
  readonly sound: boolean
  readonly haptics: boolean
  readonly wakeLock: boolean
}

export type SenseSettings = Pick<
  Settings,
  'volumeCue' | 'volumeBell' | 'haptics' | 'warmUpBell' | 'endBell' | 'intervalBell' | 'intervalMinutes'
>

/** Sound, touch and a lit screen for one practice. */
export type Senses = {
  readonly available: SensesFacts
  /** Call at each change of the session; the first `running` or `count-in` within a tap, or the browser keeps it silent. */
  readonly follow: (session: Session) => void
  /** Settings changed while a session runs. */
  readonly refresh: () => void
  /** One bell of a kind, to try it. */
  readonly tryBell: (bell: Settings['endBell'], volume: number) => void
  readonly close: () => void
}

/** One oscillator with its course. Times in seconds, frequencies in hertz, gain 0 to 1. */
export type Tone = {
  readonly fromHz: number
  readonly toHz: number
  /** From its start to silence. */
  readonly seconds: number
  readonly gain: number
  /** swell: soft in, soft out · strike: at once, then dying away. */
  readonly shape: 'swell' | 'strike'
  /** Frequency modulation: modulator at `ratio` times the carrier, swinging it by `depth` times its frequency at first. */
  readonly fm: { readonly ratio: number; readonly depth: number } | null
}

/** Tones that begin together. */
export type Voice = readonly Tone[]

/** The audio clock: sample-exact, and not throttled in a hidden tab. */
export type Tones = {
  readonly available: boolean
  /** Seconds on the audio clock; null while it does not run (before the first tap, interrupted by a call). */
  readonly now: () => number | null
  /** Starts the clock. Resolves with whether it runs. */
  readonly wake: () => Promise<boolean>
  /** Begins at a time of the audio clock, at once if that is past. @returns stops it, also before it began. */
  readonly play: (voice: Voice, atSeconds: number) => () => void
  readonly close: () => void
}

export type Haptics = {
  readonly available: boolean
  /** Milliseconds on, off, on ... */
  readonly buzz: (pattern: readonly number[]) => void
}

export type WakeLock = {
  readonly available: boolean
  /** Keeps the screen lit until `release`; taken again when the page is shown again. */
  readonly hold: () => void
  readonly release: () => void
}

/** Says to other tabs that a practice runs in this one. */
export type PracticeLock = {
  readonly hold: () => void
  readonly release: () => void
  readonly heldElsewhere: () => Promise<boolean>
}

/** Runs once after so many milliseconds; returns what cancels it. */
export type After = (ms: number, run: () => void) => () => void
