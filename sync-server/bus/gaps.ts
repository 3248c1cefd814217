import { type BusCounters, type BusNews, reasonOf } from './bus-parts.ts'

/** Each telling makes every relay ask the store for all it listens to: a broker that comes and goes must not make that a flood. */
const APART_MS = 1_000

/** Tells that messages may have been missed: at once, then at most once a second, and never forgets the last. */
export interface Gaps {
  onGap(run: () => void): () => void
  tell(): void
  close(): void
}

export const createGaps = (counters: BusCounters, report: (news: BusNews) => void): Gaps => {
  const runs = new Set<{ readonly run: () => void }>()
  let rest: NodeJS.Timeout | undefined
  let isDue = false
  const tell = (): void => {
    isDue = false
    counters.gaps++
    rest = setTimeout(() => {
      rest = undefined
      if (isDue) tell()
    }, APART_MS)
    rest.unref()
    for (const { run } of [...runs]) {
      try {
        run()
      } catch (cause) {
        report({ kind: 'listener-failed', reason: reasonOf(cause) })
      }
    }
  }
  return {
    onGap(run) {
      const held = { run }
      runs.add(held)
      return () => runs.delete(held)
    },
    tell() {
      if (rest === undefined) tell()
      else isDue = true
    },
    close() {
      clearTimeout(rest)
      rest = undefined
      isDue = false
      runs.clear()
    }
  }
}
