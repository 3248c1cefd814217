/** What happened in a run, so that a run can show that it tested anything. */
export type Count = (what: string) => void
/** A broken rule of docs/spec/world.md, and what was seen. */
export type Fail = (rule: string, what: string) => void
export type Counts = ReadonlyMap<string, number>

export const createCounts = (): { readonly count: Count; readonly counts: Counts } => {
  const counts = new Map<string, number>()
  return { count: (what) => counts.set(what, (counts.get(what) ?? 0) + 1), counts }
}

export const addCounts = (all: readonly Counts[]): Counts => {
  const sum = new Map<string, number>()
  for (const counts of all) for (const [what, n] of counts) sum.set(what, (sum.get(what) ?? 0) + n)
  return sum
}
