import type { Tone, Tones, Voice } from './ports.ts'

/** Exponential curves cannot reach 0; this is -80 dB. */
const SILENCE = 0.0001
const STRIKE_ATTACK_SECONDS = 0.008

const shapeGain = (gain: AudioParam, { shape, seconds, gain: peak }: Tone, at: number): void => {
  gain.setValueAtTime(SILENCE, at)
  if (shape === 'strike') {
    gain.exponentialRampToValueAtTime(Math.max(peak, SILENCE), at + STRIKE_ATTACK_SECONDS)
    gain.exponentialRampToValueAtTime(SILENCE, at + seconds)
    return
  }
  const edge = Math.min(0.8, seconds / 3)
  gain.linearRampToValueAtTime(peak, at + edge)
  gain.setValueAtTime(peak, at + seconds - edge)
  gain.linearRampToValueAtTime(SILENCE, at + seconds)
}

/** @returns the nodes that must be stopped to end it. */
const startTone = (context: BaseAudioContext, out: AudioNode, tone: Tone, at: number): readonly OscillatorNode[] => {
  const carrier = new OscillatorNode(context, { type: 'sine', frequency: tone.fromHz })
  const gain = new GainNode(context, { gain: 0 })
  carrier.frequency.setValueAtTime(tone.fromHz, at)
  if (tone.toHz !== tone.fromHz) carrier.frequency.exponentialRampToValueAtTime(tone.toHz, at + tone.seconds)
  shapeGain(gain.gain, tone, at)
  carrier.connect(gain).connect(out)
  const sources = [carrier]
  if (tone.fm !== null) {
    const modulator = new OscillatorNode(context, { type: 'sine', frequency: tone.fromHz * tone.fm.ratio })
    const depth = new GainNode(context, { gain: 0 })
    depth.gain.setValueAtTime(tone.fromHz * tone.fm.depth, at)
    depth.gain.exponentialRampToValueAtTime(SILENCE, at + tone.seconds)
    modulator.connect(depth).connect(carrier.frequency)
    sources.push(modulator)
  }
  for (const source of sources) {
    source.start(at)
    source.stop(at + tone.seconds)
  }
  return sources
}

/** Also drives an OfflineAudioContext. @returns stops the voice without a click. */
export const startVoice = (context: BaseAudioContext, voice: Voice, atSeconds: number): (() => void) => {
  const at = Math.max(atSeconds, context.currentTime)
  const out = new GainNode(context, { gain: 1 })
  out.connect(context.destination)
  const sources = voice.flatMap((tone) => startTone(context, out, tone, at))
  const last = sources[0]
  if (last !== undefined) last.onended = () => out.disconnect()
  return () => {
    const now = context.currentTime
    out.gain.setTargetAtTime(0, now, 0.03)
    // Stopping a source before its start time keeps it from ever sounding.
    for (const source of sources) source.stop(Math.max(now + 0.2, at))
  }
}

/** @param create makes the context on first use: before a tap browsers create it suspended and warn. */
export const createWebTones = (create: (() => AudioContext) | null): Tones => {
  let context: AudioContext | null = null
  const running = (): AudioContext | null => (context !== null && context.state === 'running' ? context : null)
  return {
    available: create !== null,
    now: () => running()?.currentTime ?? null,
    wake: async () => {
      if (create === null) return false
      try {
        context ??= create()
        if (context.state !== 'running') await context.resume()
      } catch {
        // No audio device, or not within a tap: the practice goes on in silence and the next tap tries again.
        return false
      }
      return running() !== null
    },
    play: (voice, atSeconds) => {
      const playing = running()
      return playing === null || voice.length === 0 ? () => undefined : startVoice(playing, voice, atSeconds)
    },
    close: () => {
      void context?.close()
      context = null
    }
  }
}
