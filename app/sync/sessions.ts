import type { RelayName } from '#app/store/ports.ts'
import type { RelayAddress } from './address.ts'
import { type Carry, createCarry } from './carry.ts'
import { joinFacts, relayFactsOf } from './facts.ts'
import { createNearest } from './nearest.ts'
import type { ClockSample, RunnerPorts } from './ports.ts'
import { createRunner, type Runner } from './runner.ts'
import type { SyncFacts } from './status.ts'

/** One session for each relay of the journal, over one log: what each says, and all of them together. */
export interface Sessions {
  start(): void
  facts(): SyncFacts
  urgent(): void
  retry(): void
  documentsChanged(): void
  stop(): Promise<void>
}

export interface SessionsParts {
  /** At least one. */
  readonly relays: readonly RelayAddress[]
  readonly portsFor: (
    address: RelayAddress,
    shared: { readonly carry: Carry; readonly onSample: (sample: ClockSample) => void }
  ) => RunnerPorts
  /** A clock probe of the relay for live things; `fresh` = the last one was another relay's. */
  readonly onSample?: (sample: ClockSample, fresh: boolean) => void
  readonly changed: () => void
}

interface Seat {
  readonly address: RelayAddress
  readonly ports: RunnerPorts
  readonly runner: Runner
  reached: number | null
}

const reachedKey = (relay: RelayName): string => `sync/reached/${relay}`

export const createSessions = ({ relays, portsFor, onSample, changed }: SessionsParts): Sessions => {
  const carry = createCarry(relays.map(({ name }) => name))
  const nearest = createNearest()
  let sampled: string | null = null

  const takeSample = (url: string, sample: ClockSample): void => {
    nearest.sample(url, sample)
    if (live() !== url) return
    onSample?.(sample, sampled !== url)
    sampled = url
  }

  const seats = relays.map((address): Seat => {
    const ports = portsFor(address, { carry, onSample: (sample) => takeSample(address.url, sample) })
    return { address, ports, runner: createRunner(ports), reached: null }
  })

  const live = (): string | null => {
    const isHealthy = ({ runner }: Seat): boolean => {
      const { phase, obstacle } = runner.state()
      return phase === 'ready' && obstacle === null
    }
    return nearest.among(seats.filter(isHealthy).map(({ address }) => address.url))
  }

  /** When a relay last answered outlives the page: "not reached since" is asked for on the next one. */
  const noteReached = (seat: Seat): void => {
    seat.reached = seat.ports.clock.now()
    void seat.ports.shelf.put(reachedKey(seat.address.name), seat.reached)
  }

  const watch = (seat: Seat): (() => void) => {
    let before = seat.runner.state().phase
    return seat.runner.subscribe(({ phase }) => {
      const moved = phase !== before
      if (moved && relays.length > 1 && (phase === 'ready' || before === 'ready')) noteReached(seat)
      // Its proof is kept: the others find it, and say nothing more about the root.
      if (moved && phase === 'erased') for (const other of seats) if (other !== seat) other.runner.documentsChanged()
      before = phase
      changed()
    })
  }

  const recallReached = async (seat: Seat): Promise<void> => {
    const kept = await seat.ports.shelf.get(reachedKey(seat.address.name))
    if (kept.ok && typeof kept.value === 'number') seat.reached ??= kept.value
    changed()
  }

  const forget = seats.map(watch)

  const each = (run: (runner: Runner) => void): void => {
    for (const { runner } of seats) run(runner)
  }
  return {
    start: () => {
      each((runner) => runner.start())
      if (relays.length > 1) for (const seat of seats) void recallReached(seat)
    },
    facts: () =>
      joinFacts(
        seats.map(({ address, runner, reached }) => relayFactsOf(runner.state(), address.name, reached)),
        seats.map(({ runner }) => runner.state()),
        live()?.replace(/\/sealed$/, '') ?? null
      ),
    urgent: () => each((runner) => runner.urgent()),
    retry: () => each((runner) => runner.retry()),
    documentsChanged: () => each((runner) => runner.documentsChanged()),
    stop: async () => {
      for (const stop of forget) stop()
      await Promise.all(seats.map(({ runner }) => runner.stop()))
    }
  }
}
