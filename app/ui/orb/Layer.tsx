import { type ReactNode, useEffect, useRef } from 'react'

/** Where a movement stands. Milliseconds on the page's own timeline (performance.now). */
export interface Course {
  /** One cycle as it is breathed now (ramp included). */
  readonly cycleMs: number
  readonly startMs: number
  /** Milliseconds after `startMs` at which it stands still; null = it moves. */
  readonly heldAtMs: number | null
}

interface LayerProps {
  readonly className: string
  readonly frames: Keyframe[]
  readonly course: Course
  readonly children?: ReactNode
}

/** One painted layer, moved by the compositor. All layers share `startMs`, so they cannot drift apart. */
export const Layer = ({ className, frames, course, children }: LayerProps) => {
  const element = useRef<HTMLDivElement>(null)
  const { cycleMs, startMs, heldAtMs } = course
  useEffect(() => {
    const animation = element.current?.animate(frames, {
      duration: cycleMs,
      iterations: Number.POSITIVE_INFINITY,
      fill: 'both'
    })
    if (animation === undefined) return
    if (heldAtMs === null) animation.startTime = startMs
    else {
      animation.pause()
      animation.currentTime = Math.max(0, heldAtMs)
    }
    return () => animation.cancel()
  }, [frames, cycleMs, startMs, heldAtMs])
  return (
    <div ref={element} className={className} aria-hidden="true">
      {children}
    </div>
  )
}
