import type { SessionPlan } from '#core/breath.ts'

/** What a person produced without a guide: holding is an inhale, letting go an exhale. Times are breath time. */
export type FreeCourse = {
  /** Exhales begun after an inhale. */
  readonly cycles: number
  readonly last: { readonly edge: 'in' | 'out'; readonly atMs: number } | null
}

export const NO_EDGES: FreeCourse = { cycles: 0, last: null }

/** Without a guide nobody says when an exhale is over: it is given this long, or until the next inhale. */
const FREE_EXHALE_MS = 6_000

export const onEdge = (course: FreeCourse, edge: 'in' | 'out', atMs: number): FreeCourse => {
  if (course.last?.edge === edge || (course.last === null && edge === 'out')) return course
  return { cycles: course.cycles + (edge === 'out' ? 1 : 0), last: { edge, atMs } }
}

/** Breath time at which the plan ends so that it ends on an exhale; null while that cannot be known. */
export const freeEndMs = (plan: SessionPlan, { cycles, last }: FreeCourse): number | null => {
  if (plan.kind === 'open') return null
  if (plan.kind === 'cycles') {
    if (last === null || cycles < plan.cycles) return null
    return last.edge === 'out' ? last.atMs + FREE_EXHALE_MS : last.atMs
  }
  const planned = plan.minutes * 60_000
  if (last === null) return planned
  if (last.edge === 'out') return Math.max(planned, last.atMs + FREE_EXHALE_MS)
  return last.atMs >= planned ? last.atMs : null
}
