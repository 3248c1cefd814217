import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { Guide, useStillness } from '#app/ui/orb/Guide.tsx'
import { layerFrames, type Reach } from '#app/ui/orb/keyframes.ts'
import { type Course, Layer } from '#app/ui/orb/Layer.tsx'
import { announce } from '#app/ui/parts/announce.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { useReadOn } from '#app/ui/parts/readOn.ts'
import { patternName } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { type Breath, type PacedBreath, PHASE_ORDER } from '#core/breath.ts'
import { cycleMs, cycleScale, cycleStartMs } from '#core/breath-cycle.ts'
import type { Beats, Moving } from './beat.ts'
import { FreeGuide } from './FreeGuide.tsx'
import { numbersTo, OneOf } from './OneOf.tsx'
import { useBeats } from './useBeats.ts'

/** The movement of the cycle that is on: one course for all cycles unless the tempo ramps. */
const useCourse = (session: Moving, breath: PacedBreath, cycle: number): Course => {
  const { sitting } = useWorld()
  const ramped = breath.ramp !== null ? cycle : 0
  return useMemo(() => {
    const span = session.spans.at(-1)
    const cycleStart = cycleStartMs(breath, ramped)
    const startSynced = (span?.startMs ?? 0) - (span?.breathMs ?? 0) + cycleStart
    return {
      cycleMs: cycleMs(breath) * cycleScale(breath, ramped),
      startMs: sitting.toMono(startSynced),
      heldAtMs: session.kind === 'paused' && span?.endMs ? span.endMs - startSynced : null
    }
  }, [session.spans, session.kind, breath, ramped, sitting])
}

interface PacedProps {
  readonly session: Moving
  readonly breath: PacedBreath
  readonly beats: Beats
}

const swell: Reach = { from: 0.94, to: 1.1 }

/** Words alone: the word itself opens and closes with the breath, its seconds below it. */
const WordsGuide = ({
  session,
  breath,
  beats,
  course,
  children
}: PacedProps & { course: Course; children: ReactNode }) => {
  const still = useStillness()
  const frames = useMemo(() => layerFrames(breath, still ? { from: 1, to: 1 } : swell, null), [breath, still])
  const words = useMemo(() => wordsOf(breath), [breath])
  return (
    <div className="words-guide">
      <Layer className="words-layer" frames={frames} course={course}>
        <OneOf className="words-word word" words={words} shown={phaseWord(session, beats)} />
      </Layer>
      {children}
    </div>
  )
}

const PacedGuide = ({ session, breath, beats }: PacedProps) => {
  const { store } = useWorld()
  const { look } = useLive(store.settings)
  const still = useStillness()
  const course = useCourse(session, breath, beats.phase?.cycle ?? 0)
  const count = beats.phase === null ? '' : String(Math.max(1, Math.ceil(beats.phase.remainingMs / 1000)))
  const counts = useMemo(() => numbersTo(Math.ceil(Math.max(...Object.values(breath.seconds)))), [breath])
  return (
    <Guide look={look} breath={breath} course={course}>
      {look === 'words' && beats.countIn === 0 && (
        <WordsGuide session={session} breath={breath} beats={beats} course={course}>
          <OneOf className="words-count number soft" words={counts} shown={count} />
        </WordsGuide>
      )}
      {look !== 'words' && still && <OneOf className="count" words={counts} shown={count} />}
    </Guide>
  )
}

const phaseWord = (session: Moving, { phase, countIn }: Beats): string => {
  if (session.kind === 'paused') return t('session.paused')
  if (countIn > 0) return t('session.ready')
  return phase === null ? '' : t(`phase.${phase.kind}`)
}

const wordsOf = (breath: Breath): readonly string[] => [
  ...(breath.kind === 'paced' ? PHASE_ORDER.filter((kind) => breath.seconds[kind] > 0) : []).map((kind) =>
    t(`phase.${kind}`)
  ),
  t('session.paused')
]

/** What ears need: the start, each minute, the end (said by Reflect), each phase where the person wants it. */
const useAnnouncements = (session: Moving, { breathMs, phase }: Beats): void => {
  const { store } = useWorld()
  const { screenReaderPhases } = useLive(store.settings)
  const minute = breathMs <= 0 ? -1 : Math.floor(breathMs / 60_000)
  const told = useRef<number | null>(null)
  const { pattern } = session.setup
  useEffect(() => {
    if (minute < 0 || told.current === minute) return
    announce(
      minute === 0 || told.current === null
        ? t('session.begun', { name: patternName(pattern) })
        : t('session.minute', { count: minute })
    )
    told.current = minute
  }, [minute, pattern])
  const kind = phase?.kind
  useEffect(() => {
    if (screenReaderPhases && kind !== undefined) announce(t(`phase.${kind}`))
  }, [screenReaderPhases, kind])
}

/** A hairline that fills once over the whole practice; the compositor draws it. */
const Hairline = ({ session }: { readonly session: Moving }) => {
  const { sitting } = useWorld()
  const line = useRef<HTMLDivElement>(null)
  const { endMs, spans, kind } = session
  useEffect(() => {
    const span = spans.at(-1)
    if (endMs === null || span === undefined) return
    const animation = line.current?.animate([{ transform: 'scaleX(0)' }, { transform: 'scaleX(1)' }], {
      duration: endMs,
      fill: 'both'
    })
    if (animation === undefined) return
    const begun = span.startMs - span.breathMs
    if (kind === 'paused') {
      animation.pause()
      animation.currentTime = Math.max(0, (span.endMs ?? span.startMs) - begun)
    } else animation.startTime = sitting.toMono(begun)
    return () => animation.cancel()
  }, [endMs, spans, kind, sitting])
  return endMs === null ? null : (
    <div className="hairline" aria-hidden="true">
      <div ref={line} />
    </div>
  )
}

const Ways = ({ session, onLeaving }: { readonly session: Moving; readonly onLeaving: () => void }) => {
  const { sitting } = useWorld()
  const paused = session.kind === 'paused'
  const finish = (): void => {
    onLeaving()
    sitting.say({ kind: 'finish', how: 'exhale' })
  }
  return (
    <div className="session-ways">
      <button
        type="button"
        className="press press-quiet"
        onClick={() => sitting.say({ kind: paused ? 'resume' : 'pause' })}
      >
        {t(paused ? 'session.resume' : 'session.pause')}
      </button>
      <button type="button" className="press press-quiet" onClick={finish}>
        {t('session.finish')}
      </button>
    </div>
  )
}

/**
 * The ways out are gone while the exhale is awaited: whoever pressed one reads on here, and hears it. A key held down on the free
 * breath's orb keeps its focus: letting go of it is the exhale.
 */
const Leaving = () => {
  const { sitting } = useWorld()
  const told = useReadOn<HTMLSpanElement>(() => announce(t('session.leaving')))
  return (
    <div className="session-ways session-leaving">
      <span ref={told} tabIndex={-1} className="soft">
        {t('session.leaving')}
      </span>
      <button type="button" className="press press-quiet" onClick={() => sitting.say({ kind: 'finish', how: 'now' })}>
        {t('session.now')}
      </button>
    </div>
  )
}

/** Orb, phase word, hairline, one quiet way out. Escape finishes with the exhale. */
export const SessionScreen = ({ session }: { readonly session: Moving }) => {
  const { sitting, store } = useWorld()
  const { phaseWord: phaseWordWished, look } = useLive(store.settings)
  const [leaving, setLeaving] = useState(false)
  const still = useStillness()
  const beats = useBeats(session, still || look === 'words')
  useAnnouncements(session, beats)
  const { breath } = session.setup.pattern
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => head.current?.focus(), [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return
      setLeaving(true)
      sitting.say({ kind: 'finish', how: 'exhale' })
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [sitting])
  const [countedIn] = useState(beats.countIn)
  // In the look of words the guide itself says the phases.
  const silent = look === 'words' && breath.kind === 'paced'
  const words = useMemo(
    () => [...(silent ? [] : wordsOf(breath)), ...numbersTo(countedIn)],
    [breath, silent, countedIn]
  )
  const counting = beats.countIn > 0 && session.kind === 'count-in'
  const worded = !silent && (phaseWordWished || look === 'words' || session.kind === 'paused')
  const shown = counting ? String(beats.countIn) : worded ? phaseWord(session, beats) : ''
  return (
    <div className="session" data-phase={counting ? 'ready' : (beats.phase?.kind ?? 'free')}>
      <h1 ref={head} tabIndex={-1} className="unseen">
        {patternName(session.setup.pattern)}
      </h1>
      {breath.kind === 'paced' ? (
        <PacedGuide session={session} breath={breath} beats={beats} />
      ) : (
        <FreeGuide session={session} />
      )}
      <OneOf className="session-word word" words={words} shown={shown} />
      <div className="session-foot">
        <Hairline session={session} />
        {leaving && session.kind === 'running' ? (
          <Leaving />
        ) : (
          <Ways session={session} onLeaving={() => setLeaving(true)} />
        )}
      </div>
    </div>
  )
}
