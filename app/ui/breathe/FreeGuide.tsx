import { useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { useWorld } from '#app/ui/world.ts'
import type { Moving } from './beat.ts'

/** No guide: holding is breathing in, letting go is breathing out. A key held down does the same as a finger. */
export const FreeGuide = ({ session }: { readonly session: Moving }) => {
  const { sitting } = useWorld()
  const [held, setHeld] = useState(false)
  const edge = (into: 'in' | 'out'): void => {
    if (session.kind !== 'running' || held === (into === 'in')) return
    setHeld(into === 'in')
    sitting.say({ kind: 'edge', edge: into })
  }
  const isHoldKey = (key: string): boolean => key === ' ' || key === 'Enter'
  return (
    <div className="guide">
      <button
        type="button"
        className={held ? 'free free-held' : 'free'}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          edge('in')
        }}
        onPointerUp={() => edge('out')}
        onPointerCancel={() => edge('out')}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          if (!isHoldKey(event.key)) return
          event.preventDefault()
          if (!event.repeat) edge('in')
        }}
        onKeyUp={(event) => isHoldKey(event.key) && edge('out')}
      >
        <span className="orb-halo" aria-hidden="true" />
        <span className="orb-body" aria-hidden="true" />
        <span className="orb-heart" aria-hidden="true" />
        <span className="unseen">{t('session.hold-to-breathe')}</span>
      </button>
      {session.kind === 'running' && (
        <p className="free-word soft">{t(held ? 'phase.in' : 'session.hold-to-breathe')}</p>
      )}
    </div>
  )
}
