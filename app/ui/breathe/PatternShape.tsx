import { wavePath } from '#app/ui/orb/keyframes.ts'
import type { Breath } from '#core/breath.ts'

/** One breath as a line: what a pattern feels like, before its numbers. */
export const PatternShape = ({ breath }: { readonly breath: Breath }) => (
  <svg className="shape" viewBox="-2 -22 64 24" preserveAspectRatio="none" aria-hidden="true">
    {breath.kind === 'paced' ? (
      <path d={wavePath(breath, 1, 60, 20)} />
    ) : (
      <path d="M0 -6C15 -14 25 2 35 -8S52 -12 60 -6" />
    )}
  </svg>
)
