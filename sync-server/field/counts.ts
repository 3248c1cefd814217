import { FRESH_SECONDS, GRID_SECONDS, KEPT_GRIDS } from '#core/field.ts'

/** What this run of the relay has counted: the newest published seconds, and a sum an hour. Pure. */
export interface Counts {
  add(second: number, people: number): void
  /** As it goes into the document: [newest published second before `second`, people then, people a step earlier, ...]. Undefined where all are 0. */
  now(second: number): readonly number[] | undefined
  /** The same for a run that ends: from now on it counts nobody, and nobody has to wait for it. */
  last(second: number): readonly number[] | undefined
  /** Hours whose sums have grown since they were taken and that `may` be taken now. They are forgotten once they are over. */
  takeHours(
    second: number,
    may: (hour: number) => boolean
  ): readonly { readonly hour: number; readonly peopleSeconds: number }[]
  /** Whether an hour has grown and was not taken. */
  isWaiting(): boolean
}

/** Less than makes a partial count for nothing: it then stands until everybody has read past it. */
const LAST_AHEAD_SECONDS = FRESH_SECONDS - GRID_SECONDS

/** The last second of the grid that is over at `second`. */
export const lastGrid = (second: number): number => Math.floor((second - 1) / GRID_SECONDS) * GRID_SECONDS

export const createCounts = (): Counts => {
  const peopleByGrid = new Map<number, number>()
  const at = (grid: number): number => peopleByGrid.get(grid) ?? 0
  const sums = new Map<number, { peopleSeconds: number; isTold: boolean }>()
  return {
    add(second, people) {
      if (second % GRID_SECONDS === 0) peopleByGrid.set(second, people)
      const hour = Math.floor(second / 3_600)
      sums.set(hour, { peopleSeconds: (sums.get(hour)?.peopleSeconds ?? 0) + people, isTold: false })
    },
    now(second) {
      const newest = lastGrid(second)
      const people = Array.from({ length: KEPT_GRIDS }, (_, i) => at(newest - i * GRID_SECONDS))
      for (const grid of peopleByGrid.keys()) if (grid <= newest - KEPT_GRIDS * GRID_SECONDS) peopleByGrid.delete(grid)
      return people.some((count) => count > 0) ? [newest, ...people] : undefined
    },
    last(second) {
      const newest = lastGrid(second) + LAST_AHEAD_SECONDS
      const people = Array.from({ length: KEPT_GRIDS * 2 }, (_, i) => at(newest - i * GRID_SECONDS))
      return people.some((count) => count > 0) ? [newest, ...people] : undefined
    },
    takeHours(second, may) {
      const taken: { hour: number; peopleSeconds: number }[] = []
      for (const [hour, sum] of sums) {
        if (!sum.isTold && !may(hour)) continue
        if (!sum.isTold) taken.push({ hour, peopleSeconds: sum.peopleSeconds })
        sum.isTold = true
        if (hour < Math.floor(second / 3_600)) sums.delete(hour)
      }
      return taken
    },
    isWaiting: () => [...sums.values()].some(({ isTold }) => !isTold)
  }
}
