import type { Breath, SessionPlan } from '#core/breath.ts'

/** Built-in patterns have readable ids; own ones unguessable ids. */
export type PatternId = string & { readonly __brand: 'PatternId' }

export type Pattern = {
  readonly id: PatternId
  /** What the person called it; '' for built-in patterns, whose names are the screen's to translate. */
  readonly name: string
  readonly breath: Breath
  readonly plan: SessionPlan
  readonly origin: 'built-in' | 'own'
}
