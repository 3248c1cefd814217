import type { BellSound } from '#app/domain/settings/settings.ts'
import type { Cue } from '#core/breath-cues.ts'
import type { SenseSettings, Tone, Voice } from './ports.ts'

/** How things sound: a rising tone in, a falling tone out, other short tones for hold and rest, so that closed eyes know. */

/** Loudness is heard as a power of amplitude: half the slider should sound about half as loud. */
const loudness = (volume: number): number => volume * volume

/** G3 to D4, a fifth: low enough to be felt more than heard. */
const LOW_HZ = 196
const HIGH_HZ = 293.66

const swell = (fromHz: number, toHz: number, seconds: number, gain: number): Tone => ({
  fromHz,
  toHz,
  seconds,
  gain,
  shape: 'swell',
  fm: null
})

const strike = (hz: number, seconds: number, gain: number, fm: Tone['fm'] = null): Tone => ({
  fromHz: hz,
  toHz: hz,
  seconds,
  gain,
  shape: 'strike',
  fm
})

const phaseVoice = (kind: Exclude<Cue['kind'], 'bell'>, seconds: number, gain: number): Voice => {
  switch (kind) {
    case 'in':
      return [swell(LOW_HZ, HIGH_HZ, seconds, gain * 0.65), swell(LOW_HZ / 2, HIGH_HZ / 2, seconds, gain * 0.25)]
    case 'sip':
      return [swell(HIGH_HZ, HIGH_HZ * 1.19, seconds, gain * 0.65)]
    case 'out':
      return [swell(HIGH_HZ, LOW_HZ, seconds, gain * 0.65), swell(HIGH_HZ / 2, LOW_HZ / 2, seconds, gain * 0.25)]
    case 'hold':
      return [strike(440, Math.min(1.2, seconds), gain * 0.5)]
    case 'rest':
      return [strike(220, Math.min(1.2, seconds), gain * 0.5)]
  }
}

/** Partials of a struck bowl stand in ratios near 1 : 2.71 : 5.1, each beating a little; higher ones die sooner. */
export const bellVoice = (bell: BellSound, volume: number): Voice => {
  const gain = loudness(volume)
  switch (bell) {
    case 'none':
      return []
    case 'bowl':
      return [
        strike(176, 9, gain * 0.4),
        strike(176.7, 9, gain * 0.25),
        strike(477, 6, gain * 0.2, { ratio: 1.003, depth: 0.002 }),
        strike(898, 3, gain * 0.08)
      ]
    case 'bell':
      return [strike(523.25, 4, gain * 0.7, { ratio: 1.4, depth: 0.6 }), strike(1046.5, 2, gain * 0.15)]
    case 'wood':
      return [strike(620, 0.14, gain * 0.9, { ratio: 2.1, depth: 0.8 })]
  }
}

/** What a cue sounds like; empty where it is silent. */
export const voiceOf = (cue: Cue, settings: SenseSettings): Voice => {
  if (cue.kind !== 'bell') {
    const gain = loudness(settings.volumeCue)
    return gain === 0 ? [] : phaseVoice(cue.kind, cue.durationMs / 1000, gain)
  }
  const sounds = { 'warm-up': settings.warmUpBell, interval: settings.intervalBell, end: settings.endBell }
  return settings.volumeBell === 0 ? [] : bellVoice(sounds[cue.bell], settings.volumeBell)
}

/** One buzz in (and for the second inhale), two out, none to hold. Milliseconds on, off, on. */
export const buzzOf = (cue: Cue): readonly number[] => {
  if (cue.kind === 'in' || cue.kind === 'sip') return [60]
  return cue.kind === 'out' ? [40, 90, 40] : []
}
