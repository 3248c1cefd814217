import type { Settings } from '#app/domain/settings/settings.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { useTellOutcome } from '#app/ui/parts/outcome.ts'
import { useWorld } from '#app/ui/world.ts'

/** The wishes and how to change one; a change that could not be kept is told. */
export const useSettings = (): readonly [Settings, (change: Partial<Settings>) => void] => {
  const { store } = useWorld()
  const tellOutcome = useTellOutcome()
  const change = (wish: Partial<Settings>): void => {
    void store.dispatch({ kind: 'change-settings', change: wish }).then((outcome) => tellOutcome(outcome, null))
  }
  return [useLive(store.settings), change]
}
