import { createLocalCompaction } from '#app/log/local-compaction.ts'
import { docBytes } from '#app/store/bytes.ts'
import type { DocLog, DocPath } from '#app/store/ports.ts'

/** Late enough that nothing a person waits for at the start waits for it. */
const LOOK_EVERY_MS = 5_000

export interface FoldingParts {
  readonly log: DocLog
  readonly paths: () => readonly DocPath[]
  /** A breath is on: nothing else may use this thread. */
  readonly busy: () => boolean
  readonly after: (ms: number, run: () => void) => () => void
  readonly report: (problem: string) => void
}

/** Keeps every document quick to open: its rows are folded, one document in each quiet moment. */
export const startFolding = ({ log, paths, busy, after, report }: FoldingParts): void => {
  const whenIdle = (run: () => void): (() => void) => {
    let cancel = after(LOOK_EVERY_MS, look)
    function look(): void {
      if (busy()) cancel = after(LOOK_EVERY_MS, look)
      else run()
    }
    return () => cancel()
  }
  const compaction = createLocalCompaction({
    log,
    docBytes,
    whenIdle,
    report: (doc, failure) => report(`${doc} could not be folded: ${failure.kind}`)
  })
  log.subscribe(compaction.consider)
  for (const path of paths()) compaction.consider(path)
}
