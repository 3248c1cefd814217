import { expect, test } from 'vitest'
import { IDLE, onSessionEvent, type Session, type SessionEvent, type Setup } from '#app/domain/practice/session.ts'
import { setupOf } from '#app/domain/practice/setup.fixture.ts'
import { DEFAULT_SETTINGS } from '#app/domain/settings/parse.ts'
import type { SenseSettings, Tones, Voice } from './ports.ts'
import { createSenses } from './senses.ts'
import { noPracticeLock, noWakeLock, silentTones, stillHaptics } from './silent.ts'
import { bellVoice, voiceOf } from './voices.ts'

type Played = { readonly voice: Voice; readonly at: number; readonly laidAt: number; stopped: boolean }

/** A bench whose two clocks (page and audio, 100 s apart) and timers only the test moves. */
const bench = (change: Partial<SenseSettings> = {}, sound: 'runs' | 'sleeps' | 'missing' = 'runs') => {
  let nowMs = 1_000_000
  let soundRuns = sound === 'runs'
  let session: Session = IDLE
  const played: Played[] = []
  const buzzes: (readonly [at: number, pattern: readonly number[]])[] = []
  const held: string[] = []
  const locked: boolean[] = []
  let timers: { readonly at: number; readonly run: () => void }[] = []
  const settings: SenseSettings = { ...DEFAULT_SETTINGS, ...change }
  const tones: Tones = {
    available: sound !== 'missing',
    now: () => (soundRuns ? nowMs / 1000 - 900 : null),
    wake: async () => {
      soundRuns = sound !== 'missing'
      return soundRuns
    },
    play: (voice, at) => {
      const one: Played = { voice, at: at - 100, laidAt: nowMs / 1000 - 1_000, stopped: false }
      if (voice.length > 0) played.push(one)
      return () => {
        one.stopped = true
      }
    },
    close: () => undefined
  }
  const senses = createSenses({
    tones,
    haptics: { available: true, buzz: (pattern) => buzzes.push([nowMs - 1_000_000, pattern]) },
    wakeLock: { available: true, hold: () => held.push('hold'), release: () => held.push('release') },
    practiceLock: {
      hold: () => locked.push(true),
      release: () => locked.push(false),
      heldElsewhere: async () => false
    },
    settings: () => settings,
    now: () => nowMs,
    after: (ms, run) => {
      const timer = { at: nowMs + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    }
  })
  const say = (event: SessionEvent): void => {
    session = onSessionEvent(session, event)
    senses.follow(session)
  }
  return {
    say,
    senses,
    buzzes,
    held,
    isLocked: () => locked.at(-1) ?? false,
    settings,
    begin: (setup: Setup) => say({ kind: 'begin', setup, nowMs }),
    now: () => nowMs,
    /** Runs timers in their order, each at its time. */
    pass: async (ms: number): Promise<void> => {
      const until = nowMs + ms
      for (;;) {
        await Promise.resolve()
        const due = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        timers = timers.filter((timer) => timer !== due)
        nowMs = Math.max(nowMs, due.at)
        due.run()
      }
      nowMs = until
      say({ kind: 'tick', nowMs })
    },
    /** Minutes in a hidden tab: whatever is due runs at the full minute. */
    passThrottled: (minutes: number): void => {
      for (let minute = 0; minute < minutes; minute++) {
        nowMs += 60_000
        for (const due of timers.filter(({ at }) => at <= nowMs)) {
          timers = timers.filter((timer) => timer !== due)
          due.run()
        }
        say({ kind: 'tick', nowMs })
      }
    },
    late: () => played.filter(({ laidAt, at }) => laidAt > at + 0.3),
    /** Seconds since the begin at which something sounds that was not taken back. */
    sounds: () => played.filter(({ stopped }) => !stopped).map(({ at }) => Math.round(at * 1000) / 1000)
  }
}

test('[BR21] each phase sounds once at its time on the audio clock, and the end bell at the end', async () => {
  const { begin, pass, sounds, held } = bench()
  begin(setupOf('4-6', { kind: 'minutes', minutes: 3 }, { countInMs: 3_000 }))
  await pass(240_000)
  const expected = Array.from({ length: 18 }, (_, cycle) => [3 + cycle * 10, 7 + cycle * 10]).flat()
  expect(sounds()).toEqual([...expected, 183])
  expect(held).toEqual(['hold', 'release'])
})

test('[BR21] a hidden tab whose timers run once a minute misses no cue and gives none late', async () => {
  const { begin, passThrottled, sounds, late } = bench()
  begin(setupOf('5-5', { kind: 'minutes', minutes: 10 }))
  passThrottled(11)
  expect(sounds()).toEqual([...Array.from({ length: 120 }, (_, phase) => phase * 5), 600])
  expect(late()).toEqual([])
})

test('[BR21] the first inhale sounds although waking the audio clock took a moment', async () => {
  const { begin, pass, sounds } = bench({}, 'sleeps')
  begin(setupOf('4-6', { kind: 'open' }))
  expect(sounds()).toEqual([])
  await pass(0)
  expect(sounds().slice(0, 2)).toEqual([0, 4])
})

test('[BR22] a pause takes back what has not sounded; going on begins with the inhale', async () => {
  const { begin, say, pass, sounds, now } = bench()
  begin(setupOf('4-6', { kind: 'open' }))
  await pass(12_000)
  say({ kind: 'pause', nowMs: now() })
  expect(sounds()).toEqual([0, 4, 10])
  await pass(60_000)
  say({ kind: 'resume', nowMs: now(), countInMs: 3_000 })
  await pass(9_000)
  expect(sounds().slice(0, 6)).toEqual([0, 4, 10, 75, 79, 85])
})

test('[BR22] a change at the very instant of a cue neither doubles nor drops it', async () => {
  const { begin, pass, senses, sounds } = bench()
  begin(setupOf('4-6', { kind: 'minutes', minutes: 1 }))
  await pass(10_000)
  senses.refresh()
  await pass(60_000)
  expect(sounds()).toEqual([...Array.from({ length: 6 }, (_, cycle) => [cycle * 10, cycle * 10 + 4]).flat(), 60])
})

test('[BR22] the count-in after a pause does not sound the end of the cycle before', async () => {
  const { begin, say, pass, sounds, now } = bench()
  begin(setupOf('box', { kind: 'open' }))
  await pass(17_000)
  say({ kind: 'pause', nowMs: now() })
  say({ kind: 'resume', nowMs: now(), countInMs: 8_000 })
  expect(sounds().slice(0, 7)).toEqual([0, 4, 8, 12, 16, 25, 29])
})

test('[BR22] an early finish moves the end bell to the end of the exhale and silences the rest', async () => {
  const { begin, say, pass, sounds, now } = bench()
  begin(setupOf('4-6', { kind: 'minutes', minutes: 5 }))
  await pass(11_000)
  say({ kind: 'finish', how: 'exhale', nowMs: now() })
  await pass(60_000)
  expect(sounds()).toEqual([0, 4, 10, 14, 20])
  const other = bench()
  other.begin(setupOf('4-6', { kind: 'minutes', minutes: 5 }))
  await other.pass(11_000)
  other.say({ kind: 'finish', how: 'now', nowMs: other.now() })
  expect(other.sounds()).toEqual([0, 4, 10])
})

test('[BR23] one buzz in, two out, none in holds; and none where the person wants none', async () => {
  const { begin, pass, buzzes } = bench({}, 'missing')
  begin(setupOf('box', { kind: 'open' }))
  await pass(16_000)
  expect(buzzes.map(([at, pattern]) => [at, pattern.length])).toEqual([
    [0, 1],
    [8_000, 3],
    [16_000, 1]
  ])
  const still = bench({ haptics: false })
  still.begin(setupOf('box', { kind: 'open' }))
  await still.pass(30_000)
  expect(still.buzzes).toEqual([])
})

test('[BR24] in rises, out falls, holds sound otherwise, and louder settings are louder', () => {
  const cue = (kind: 'in' | 'out' | 'hold' | 'rest' | 'sip') =>
    voiceOf({ kind, atMs: 0, durationMs: 4_000 }, DEFAULT_SETTINGS)
  for (const tone of [...cue('in'), ...cue('sip')]) expect(tone.toHz).toBeGreaterThan(tone.fromHz)
  for (const tone of cue('out')) expect(tone.toHz).toBeLessThan(tone.fromHz)
  for (const kind of ['hold', 'rest'] as const)
    for (const tone of cue(kind)) expect([tone.shape, tone.toHz]).toEqual(['strike', tone.fromHz])
  expect(cue('hold')[0]?.fromHz).not.toBe(cue('rest')[0]?.fromHz)
  expect(voiceOf({ kind: 'in', atMs: 0, durationMs: 4_000 }, { ...DEFAULT_SETTINGS, volumeCue: 0 })).toEqual([])
  const bell = { kind: 'bell', bell: 'end', atMs: 0 } as const
  expect(voiceOf(bell, { ...DEFAULT_SETTINGS, endBell: 'none' })).toEqual([])
  const peak = (volumeBell: number) =>
    Math.max(...voiceOf(bell, { ...DEFAULT_SETTINGS, volumeBell }).map(({ gain }) => gain))
  expect(peak(0.8)).toBeGreaterThan(peak(0.4))
})

test('[BR24] at full volume no voice clips', () => {
  const full = { ...DEFAULT_SETTINGS, volumeCue: 1 }
  const voices = [
    ...(['in', 'out', 'hold', 'rest', 'sip'] as const).map((kind) =>
      voiceOf({ kind, atMs: 0, durationMs: 4_000 }, full)
    ),
    ...(['bowl', 'bell', 'wood'] as const).map((bell) => bellVoice(bell, 1))
  ]
  for (const voice of voices) {
    expect(voice.length).toBeGreaterThan(0)
    expect(voice.reduce((sum, { gain }) => sum + gain, 0)).toBeLessThan(1)
  }
})

test('[BR18] a practice belongs to its tab from its count-in until it is kept or discarded, pauses included', async () => {
  const { begin, say, isLocked, now } = bench()
  begin(setupOf('4-6', { kind: 'open' }, { countInMs: 3_000 }))
  expect(isLocked()).toBe(true)
  say({ kind: 'tick', nowMs: now() + 60_000 })
  say({ kind: 'pause', nowMs: now() + 61_000 })
  expect(isLocked()).toBe(true)
  say({ kind: 'finish', how: 'now', nowMs: now() + 62_000 })
  expect(isLocked()).toBe(true)
  say({ kind: 'keep' })
  expect(isLocked()).toBe(false)
})

test('[BR25] what this device cannot do is said, and a practice goes on without it', () => {
  const nothing = createSenses({
    tones: silentTones,
    haptics: stillHaptics,
    wakeLock: noWakeLock,
    practiceLock: noPracticeLock,
    settings: () => DEFAULT_SETTINGS,
    now: () => 0,
    after: () => () => undefined
  })
  nothing.follow(onSessionEvent(IDLE, { kind: 'begin', setup: setupOf('4-6', { kind: 'open' }), nowMs: 0 }))
  nothing.tryBell('bowl', 1)
  nothing.close()
  expect(nothing.available).toEqual({ sound: false, haptics: false, wakeLock: false })
  expect(bench({}, 'missing').senses.available).toEqual({ sound: false, haptics: true, wakeLock: true })
})
