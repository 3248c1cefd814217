import { type Claim, MOST_AHEAD_SECONDS } from '#core/field.ts'

/** How many people practised during each whole second of this relay's time, from their claims. Pure; nothing but numbers leaves it. */
export interface Tally {
  /**
   * Covers the whole seconds of the claim that have not begun yet. What was claimed before under the same id counts once.
   * @param second the relay's second at arrival. @returns false for a claim that lies too far ahead
   */
  claim(claim: Claim, second: number): boolean
  /** The person has said that they stopped: the present second was not a whole one. */
  withdraw(id: string, second: number): void
  /** The seconds before `second` that were not counted yet and in which somebody practised, in order. No second is counted twice, whatever the clock does. */
  close(second: number): readonly { readonly second: number; readonly people: number }[]
  /** Ids whose claims have not ended. */
  size(): number
}

type Span = { readonly from: number; to: number }

/** Adds [from, to) to spans that are in order and apart. */
const cover = (spans: Span[], from: number, to: number): Span[] => {
  const touching = spans.filter((span) => span.from <= to && span.to >= from)
  const apart = spans.filter((span) => span.from > to || span.to < from)
  const merged = {
    from: Math.min(from, ...touching.map((span) => span.from)),
    to: Math.max(to, ...touching.map((span) => span.to))
  }
  return [...apart, merged].sort((a, b) => a.from - b.from)
}

export const createTally = (): Tally => {
  const spansById = new Map<string, Span[]>()
  /** The first second that is not counted. */
  let next = 0

  return {
    claim({ id, from, to }, second) {
      if (to > second + MOST_AHEAD_SECONDS) return false
      const first = Math.max(from, second + 1, next)
      if (first < to) spansById.set(id, cover(spansById.get(id) ?? [], first, to))
      return true
    },
    withdraw(id, second) {
      const spans = spansById.get(id)
      if (spans === undefined) return
      const left = spans
        .filter((span) => span.from < second)
        .map((span) => ({ ...span, to: Math.min(span.to, second) }))
      if (left.length > 0) spansById.set(id, left)
      else spansById.delete(id)
    },
    close(second) {
      if (second <= next) return []
      const peopleAt = new Map<number, number>()
      for (const [id, spans] of spansById) {
        for (const { from, to } of spans) {
          for (let at = Math.max(from, next); at < Math.min(to, second); at++) {
            peopleAt.set(at, (peopleAt.get(at) ?? 0) + 1)
          }
        }
        const left = spans.filter(({ to }) => to > second)
        if (left.length === 0) spansById.delete(id)
        else if (left.length < spans.length) spansById.set(id, left)
      }
      next = second
      return [...peopleAt].sort(([a], [b]) => a - b).map(([at, people]) => ({ second: at, people }))
    },
    size: () => spansById.size
  }
}
