import type { Command, Saved, Unsaved } from '#app/store/face.ts'
import { t } from '#app/ui/i18n.ts'
import { useWorld } from '#app/ui/world.ts'
import type { Result } from '#core/result.ts'
import { tell } from './toast.ts'

const problems = {
  'not-on-disk': 'unsaved.not-on-disk',
  'read-only': 'unsaved.read-only',
  'not-loaded': 'unsaved.not-loaded',
  gone: 'unsaved.gone',
  invalid: 'unsaved.invalid'
} as const satisfies Record<Unsaved['kind'], string>

const undoOf = (outcome: Result<Saved, Unsaved>): Command | null => {
  if (outcome.ok) return outcome.value.undo
  return outcome.error.kind === 'not-on-disk' ? outcome.error.undo : null
}

/** Says what became of an edit: the deed with its undo, or what went wrong and what is safe. Silent when all is well and `deed` is null. */
export const useTellOutcome = () => {
  const { store } = useWorld()
  return (outcome: Result<Saved, Unsaved>, deed: string | null): void => {
    const undo = undoOf(outcome)
    const action = undo === null ? null : { label: t('toast.undo'), run: () => void store.dispatch(undo) }
    if (!outcome.ok) tell(t(problems[outcome.error.kind]), action)
    else if (deed !== null) tell(deed, action)
  }
}
