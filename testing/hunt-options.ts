import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { err, ok, type Result } from '#core/result.ts'

/** What a long run is asked for. A word that is not known is refused: the wrong world, hunted for an hour, finds nothing. */
export interface HuntOptions {
  readonly world: 'sealed' | 'open' | 'moving' | 'independent' | 'cluster'
  /** Relays of one store. */
  readonly relays: number
  /** One world, told with its story. */
  readonly seed: number | undefined
  readonly seeds: number
  readonly from: number
  readonly workers: number
  /** Part of a fault's name. */
  readonly only: string
}

export const HUNT_USAGE = `Usage:
  npm run hunt -- --seeds 10000 [--from 1] [--workers n]    the sealed world, so many times, on all cores
  npm run hunt -- --seed 7                                  one world with its story
    --world open                                            the world of open rooms instead
    --relays 3                                              several relays over one store, sealed or open
    --independent                                           two relays that know nothing of each other
    --moving                                                a device takes over another phrase
  npm run hunt -- --cluster --seeds 5 [--from 1] [--only "kill -9"]
                                                            real relay processes over a real Postgres: every fault so often, or some
Ends with 1 when a world failed.`

const OPTIONS = {
  world: { type: 'string' },
  relays: { type: 'string', default: '1' },
  independent: { type: 'boolean', default: false },
  moving: { type: 'boolean', default: false },
  cluster: { type: 'boolean', default: false },
  seed: { type: 'string' },
  seeds: { type: 'string' },
  from: { type: 'string', default: '1' },
  workers: { type: 'string' },
  only: { type: 'string', default: '' }
} as const

const SEEDS = 1_000
/** Each fault takes seconds. */
const SEEDS_OF_CLUSTER = 5

const number = (name: string, text: string, least = 0): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name} wants a whole number from ${least}`)
  return value
}

/** @returns the refusal as one line. */
export const readHuntOptions = (args: readonly string[]): Result<HuntOptions, string> => {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS })
    const { world: named, independent, moving, cluster } = values
    if (named !== undefined && named !== 'open' && named !== 'sealed') throw new Error('--world is open or sealed')
    const worlds: HuntOptions['world'][] = []
    if (named !== undefined) worlds.push(named)
    if (independent) worlds.push('independent')
    if (moving) worlds.push('moving')
    if (cluster) worlds.push('cluster')
    const [world = 'sealed'] = worlds
    if (worlds.length > 1) throw new Error(`one world at a time, not ${worlds.join(' and ')}`)
    return ok({
      world,
      relays: number('relays', values.relays, 1),
      seed: values.seed === undefined ? undefined : number('seed', values.seed),
      seeds: values.seeds === undefined ? (cluster ? SEEDS_OF_CLUSTER : SEEDS) : number('seeds', values.seeds),
      from: number('from', values.from),
      workers: values.workers === undefined ? availableParallelism() : number('workers', values.workers, 1),
      only: values.only
    })
  } catch (cause) {
    return err(cause instanceof Error ? (cause.message.split('. ')[0] ?? '') : String(cause))
  }
}
