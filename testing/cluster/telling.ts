import type { Outcome } from './run.ts'

/** One line a fault, as docs/reliability.md has it: what was done, lost and waited for. */
export const tellOutcome = (name: string, { edits, acknowledged, longest, problems, refusals }: Outcome): string => {
  const told = [...refusals].sort(([a], [b]) => a - b).map(([code, count]) => `${code} x${count}`)
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1)
  return [
    name.padEnd(40),
    `${edits} edits, ${acknowledged} acknowledged`.padEnd(32),
    `${problems.length === 0 ? 'nothing lost' : 'LOST'};`,
    `longest: open ${seconds(longest.openMs)} s, on disk ${seconds(longest.ackMs)} s, sealed ${seconds(longest.sealedMs)} s;`,
    `refused: ${told.join(', ') || 'none'}`
  ].join(' ')
}
