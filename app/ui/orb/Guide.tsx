import { type ReactNode, useMemo, useSyncExternalStore } from 'react'
import type { Look } from '#app/domain/settings/settings.ts'
import type { PacedBreath } from '#core/breath.ts'
import { layerFrames, riderFrames, wavePath } from './keyframes.ts'
import { type Course, Layer } from './Layer.tsx'
import './orb.css'

interface FormProps {
  readonly breath: PacedBreath
  readonly course: Course
}

const Orb = ({ breath, course }: FormProps) => {
  const halo = useMemo(() => layerFrames(breath, { from: 0.5, to: 1 }, { from: 0.55, to: 1 }), [breath])
  const body = useMemo(() => layerFrames(breath, { from: 0.5, to: 1 }, null), [breath])
  const heart = useMemo(() => layerFrames(breath, { from: 0.36, to: 0.98 }, { from: 0.62, to: 1 }), [breath])
  return (
    <>
      <Layer className="orb-halo" frames={halo} course={course} />
      <Layer className="orb-body" frames={body} course={course} />
      <Layer className="orb-heart" frames={heart} course={course} />
    </>
  )
}

const Ring = ({ breath, course }: FormProps) => {
  const ring = useMemo(() => layerFrames(breath, { from: 0.42, to: 1 }, null), [breath])
  return (
    <>
      <div className="orb-ring-far" />
      <div className="orb-ring-near" />
      <Layer className="orb-ring" frames={ring} course={course} />
    </>
  )
}

/** One cycle to the left of three: what is seen is half a cycle behind and half a cycle ahead of the light. */
const travel: Keyframe[] = [{ transform: 'translateX(0)' }, { transform: 'translateX(-33.3333%)' }]

/** The line moves by one cycle a cycle under a light that stays in the middle and rises with it. */
const Wave = ({ breath, course }: FormProps) => {
  const rider = useMemo(() => riderFrames(breath), [breath])
  const path = useMemo(() => wavePath(breath, 3, 100, 100), [breath])
  return (
    <>
      <div className="wave" aria-hidden="true">
        <Layer className="wave-pull" frames={travel} course={course}>
          <svg className="wave-line" viewBox="0 -100 300 100" preserveAspectRatio="none" aria-hidden="true">
            <path d={path} />
          </svg>
        </Layer>
      </div>
      <Layer className="wave-track" frames={rider} course={course} />
    </>
  )
}

const stillQuery = '(prefers-reduced-motion: reduce)'
const onStillness = (changed: () => void): (() => void) => {
  const query = matchMedia(stillQuery)
  query.addEventListener('change', changed)
  return () => query.removeEventListener('change', changed)
}

export const useStillness = (): boolean => useSyncExternalStore(onStillness, () => matchMedia(stillQuery).matches)

const FadingRing = ({ breath, course }: FormProps) => {
  const fade = useMemo(() => layerFrames(breath, null, { from: 0.28, to: 1 }), [breath])
  return <Layer className="fade-ring" frames={fade} course={course} />
}

interface GuideProps extends FormProps {
  readonly look: Look
  /** What stands inside: the count where movement is reduced. */
  readonly children?: ReactNode
}

/** The breath to follow. Where the person asked for less motion, a ring that only fades stands for orb, ring and wave. */
export const Guide = ({ look, breath, course, children }: GuideProps) => {
  const still = useStillness()
  return (
    <div className="guide" data-look={look}>
      {look !== 'words' && still && <FadingRing breath={breath} course={course} />}
      {look === 'orb' && !still && <Orb breath={breath} course={course} />}
      {look === 'ring' && !still && <Ring breath={breath} course={course} />}
      {look === 'wave' && !still && <Wave breath={breath} course={course} />}
      {children}
    </div>
  )
}
