import { useEffect } from 'react'
import { useLive } from '#app/ui/parts/live.ts'
import { useRouter } from '#app/ui/router.ts'
import { useWorld } from '#app/ui/world.ts'
import { isMoving } from './beat.ts'
import { ReflectionScreen } from './Reflection.tsx'
import { SessionScreen } from './SessionScreen.tsx'
import './breathe.css'

/** The place of the practice that is under way. Without one it leads home; leaving it pauses the breath. */
export const SessionPlace = () => {
  const { sitting } = useWorld()
  const router = useRouter()
  const session = useLive(sitting)
  const over = session.kind === 'idle' || session.kind === 'done'
  useEffect(() => {
    if (over) router.replace({ name: 'breathe' })
  }, [over, router])
  useEffect(() => () => sitting.say({ kind: 'pause' }), [sitting])
  if (session.kind === 'reflecting') return <ReflectionScreen session={session} />
  return isMoving(session) ? <SessionScreen session={session} /> : null
}
