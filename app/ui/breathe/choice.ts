import { BUILT_IN_PATTERNS, DEFAULT_PATTERN_ID } from '#app/domain/breath/built-in.ts'
import { careScreen } from '#app/domain/breath/care.ts'
import type { Pattern, PatternId } from '#app/domain/breath/pattern.ts'
import type { Settings } from '#app/domain/settings/settings.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { type Router, useRouter } from '#app/ui/router.ts'
import { SOFT } from '#app/ui/words.ts'
import { useWorld, type World } from '#app/ui/world.ts'
import type { Breath, SessionPlan } from '#core/breath.ts'

/** The pattern under an id; the first built-in one where it was deleted or is not here yet. */
export const patternUnder = (patterns: readonly Pattern[], id: string): Pattern =>
  patterns.find((pattern) => pattern.id === id) ??
  patterns.find(({ id: other }) => other === DEFAULT_PATTERN_ID) ??
  (BUILT_IN_PATTERNS[0] as Pattern)

export const planOf = (pattern: Pattern, { lastPlan }: Settings): SessionPlan => lastPlan ?? pattern.plan

/** The same pattern with its holds taken out; its own name says so on the record. */
export const softened = (pattern: Pattern, breath: Breath): Pattern => ({
  ...pattern,
  id: `${pattern.id}${SOFT}` as PatternId,
  breath
})

const begin = ({ store, sitting }: World, router: Router, pattern: Pattern): void => {
  const settings = store.settings.get()
  if (careScreen(pattern.breath, settings) !== null) {
    router.go({ name: 'care', pattern: pattern.id })
    return
  }
  sitting.begin(pattern, planOf(pattern, settings))
  router.go({ name: 'session' })
}

/** What is chosen, and how to choose and start. */
export const useChoice = () => {
  const world = useWorld()
  const router = useRouter()
  const settings = useLive(world.store.settings)
  const patterns = useLive(world.store.patterns)
  const pattern = patternUnder(patterns, settings.lastPattern)
  const change = (next: Partial<Settings>): void => void world.store.dispatch({ kind: 'change-settings', change: next })
  return {
    settings,
    patterns,
    pattern,
    plan: planOf(pattern, settings),
    change,
    choosePattern: (id: PatternId) => change({ lastPattern: id }),
    choosePlan: (plan: SessionPlan) => change({ lastPlan: plan }),
    begin: () => begin(world, router, pattern)
  }
}
