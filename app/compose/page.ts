import type { RecordId } from '#app/domain/practice/record.ts'
import type { Moment } from '#core/time.ts'

/** Time, randomness and timers of this page: the only place that reads them. */

/** 128 bits, base64url. `crypto.randomUUID` is missing over plain http; `getRandomValues` is not. */
export const randomId = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

export const newRecordId = (): RecordId => randomId() as RecordId

/** Asking takes milliseconds, and every screen asks what day it is. Asked anew where the device may have travelled meanwhile. */
const createZone = () => {
  let known: { readonly name: string; readonly offset: number } | null = null
  document.addEventListener('visibilitychange', () => {
    known = null
  })
  return (offset: number): string => {
    if (known?.offset !== offset) known = { name: Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC', offset }
    return known.name
  }
}
const zoneAt = createZone()

export const moment = (): Moment => {
  const now = new Date()
  const offsetMinutes = -now.getTimezoneOffset()
  return { utcMs: now.getTime(), zone: zoneAt(offsetMinutes), offsetMinutes }
}

export const mono = (): number => performance.now()

/**
 * Epoch milliseconds that no one can set back while a breath is on: the wall clock read once, carried on by the monotonic one.
 * Read anew when the page is shown after sleep, where the monotonic clock may have stood still.
 */
export const createPageClock = () => {
  let offset = Date.now() - performance.now()
  document.addEventListener('visibilitychange', () => {
    const drift = Date.now() - performance.now() - offset
    if (document.visibilityState === 'visible' && Math.abs(drift) > 1_000) offset += drift
  })
  return () => performance.now() + offset
}

export const after = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/** Runs once the person is not in the middle of writing: at once, when a field is left, or when the page goes to the back. */
export const whenIdle = (busy: () => boolean, run: () => void): void => {
  const writing = (): boolean =>
    document.activeElement?.matches('textarea, input[type="text"], input[type="search"]') ?? false
  const look = (): void => {
    if (busy() || (writing() && document.visibilityState === 'visible')) return
    removeEventListener('focusout', later)
    document.removeEventListener('visibilitychange', later)
    clearInterval(timer)
    run()
  }
  const later = (): void => void setTimeout(look)
  addEventListener('focusout', later)
  document.addEventListener('visibilitychange', later)
  const timer = setInterval(look, 5_000)
  look()
}

/** Time for what nobody waits for. Safari has no idle callback. */
const idle = (): Promise<void> =>
  new Promise((done) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => done(), { timeout: 500 })
    else setTimeout(done, 50)
  })

/** Lets the page draw and answer a tap before a long piece of work that somebody waits for. */
export const breather = (): Promise<void> =>
  new Promise((done) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => done(), { timeout: 100 })
    else setTimeout(done)
  })

/** The first frames belong to the first screen. */
const SHOWN_MS = 300
/** Long enough for whoever opens the app to begin: their tap comes before work that nobody asked for. */
const SETTLED_MS = 1_500
const LOOK_AGAIN_MS = 5_000

/** When work may begin that the first screen does not need. */
export interface Curtain {
  /** The first screen is there. */
  raise(): void
  /** Soon after the first screen: for short steps. */
  soon(): Promise<void>
  /** Once the screen has settled, and not while a breath is on: for long steps. */
  later(): Promise<void>
}

export const createCurtain = (busy: () => boolean): Curtain => {
  const { promise: raised, resolve: raise } = Promise.withResolvers<void>()
  const pause = (ms: number): Promise<void> => new Promise((done) => void after(ms, done))
  return {
    raise,
    soon: async () => {
      await raised
      await pause(SHOWN_MS)
      await idle()
    },
    later: async () => {
      await raised
      for (let wait = SETTLED_MS; wait > 0; wait = busy() ? LOOK_AGAIN_MS : 0) await pause(wait)
      await idle()
    }
  }
}
