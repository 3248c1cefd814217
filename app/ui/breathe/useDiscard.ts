import type { PracticeRecord } from '#app/domain/practice/record.ts'
import { onSessionEvent, type Session } from '#app/domain/practice/session.ts'
import { t } from '#app/ui/i18n.ts'
import { tell } from '#app/ui/parts/toast.ts'
import { useWorld } from '#app/ui/world.ts'

/** What keeping it now would have kept; null where nothing was breathed. */
const recordOf = (session: Session, nowMs: number): PracticeRecord | null => {
  const ended = onSessionEvent(session, { kind: 'finish', how: 'now', nowMs })
  const done = onSessionEvent(ended, { kind: 'keep' })
  return done.kind === 'done' ? done.record : null
}

/** Leaves a practice unkept. A tap at night may miss: it can be taken back as long as the line is there. */
export const useDiscard = () => {
  const { sitting, store } = useWorld()
  return (): void => {
    const record = recordOf(sitting.get(), sitting.now())
    sitting.say({ kind: 'discard' })
    if (record === null) return
    tell(t('reflect.not-kept'), {
      label: t('toast.undo'),
      run: () => void store.dispatch({ kind: 'keep-practice', record })
    })
  }
}
