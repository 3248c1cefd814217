import { eventually } from '#testing/interop/stock-client.ts'
import type { Meddler, Mischief } from './meddler.ts'
import { pause } from './pause.ts'
import type { Strike } from './run.ts'

/** What happens to single messages between relays while their connections live on, so that each believes that it hears the others. */

/** Of each kind that is played, or the fault was none. */
const AT_LEAST = 5

const sumOf = (meddlers: readonly Meddler[], kind: keyof Meddler['counts']): number =>
  meddlers.reduce((sum, { counts }) => sum + counts[kind], 0)

const meddling =
  (
    mischief: Omit<Mischief, 'random'>,
    kinds: readonly (keyof Meddler['counts'])[],
    ms: readonly [from: number, to: number]
  ): Strike =>
  async ({ busMeddlers }, random) => {
    const before = new Map(kinds.map((kind) => [kind, sumOf(busMeddlers, kind)]))
    const played = (kind: keyof Meddler['counts']): number => sumOf(busMeddlers, kind) - (before.get(kind) ?? 0)
    for (const meddler of busMeddlers) meddler.become({ random: random.fork(), ...mischief })
    try {
      await pause(random.between(...ms))
      await eventually(
        () => kinds.every((kind) => played(kind) >= AT_LEAST),
        () => `of the messages on the bus only ${kinds.map((kind) => `${played(kind)} were ${kind}`)}`
      )
    } finally {
      for (const meddler of busMeddlers) meddler.become(undefined)
    }
  }

/** On their way to the broker and back from it, where there is one, and for each relay differently. */
export const muddleBus = meddling(
  { lose: 0.3, double: 0.3, delay: 0.4, delayMs: [5, 250] },
  ['lost', 'doubled', 'overtaken'],
  [1_500, 2_500]
)

/** Nobody hears anything and nobody knows: longer than relays that believe they hear wait before they ask the store all the same. */
export const muteBus = meddling({ lose: 1, double: 0, delay: 0, delayMs: [0, 0] }, ['lost'], [11_000, 13_000])
