import { useEffect, useState } from 'react'
import { useWorld } from '#app/ui/world.ts'
import { type Beats, beatsAt, type Moving, nextChangeMs } from './beat.ts'

/** Wakes at the next phase or whole second of a count-in, never oftener: the compositor moves the rest. */
const nextWake = (session: Moving, { breathMs, phase }: Beats, eachSecond: boolean): number => {
  if (breathMs < 0) return -breathMs % 1000 || 1000
  const change = nextChangeMs(session, breathMs)
  if (!eachSecond || phase === null) return Math.min(change, 1000)
  return Math.min(change, phase.remainingMs % 1000 || 1000)
}

/** Where the breath is now. @param eachSecond also at each whole second of a phase, for the count. */
export const useBeats = (session: Moving, eachSecond: boolean): Beats => {
  const { sitting } = useWorld()
  const [beats, setBeats] = useState(() => beatsAt(session, sitting.now()))
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const wake = (): void => {
      const now = beatsAt(session, sitting.now())
      setBeats(now)
      // A hair later than the change itself, so that it has happened.
      if (session.kind !== 'paused') timer = setTimeout(wake, Math.max(16, nextWake(session, now, eachSecond) + 2))
    }
    wake()
    return () => clearTimeout(timer)
  }, [session, sitting, eachSecond])
  return beats
}
