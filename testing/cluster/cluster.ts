import { eventually } from '#testing/interop/stock-client.ts'
import { freePort } from '#testing/services/service-process.ts'
import { type Balancer, openBalancer } from './balancer.ts'
import { natsFraming, postgresFraming } from './framing.ts'
import { type Line, openLine } from './line.ts'
import { createMeddler, type Meddler } from './meddler.ts'
import { openRelay, type Relay } from './relays.ts'

/** Relay processes over one Postgres, each with lines of its own to the store and to the bus. */
export interface Cluster extends AsyncDisposable {
  readonly relays: readonly Relay[]
  /** Where people go: the front of each relay (see balancer.ts). */
  readonly fronts: readonly string[]
  /** Between each relay and the store. */
  readonly storeLines: readonly Line[]
  /** Between each relay and the bus; empty where there is none. */
  readonly busLines: readonly Line[]
  /** On those; what is lost to one relay may reach the others. */
  readonly busMeddlers: readonly Meddler[]
  /** Every relay runs and every front leads to its own. */
  healed(): Promise<void>
}

export interface ClusterOptions {
  readonly relays?: number
  /** postgres://…, past no line, or sqlite:… */
  readonly store: string
  /** postgres://… or nats://…; none = the relays ask the store again and again. */
  readonly bus?: string
  readonly env?: Readonly<Record<string, string>>
  /** Runs before each relay. */
  readonly wrapper?: readonly string[]
}

const portOf = (url: string): number => Number(new URL(url).port)

const through = (url: string, line: Line): string => {
  const changed = new URL(url)
  if (changed.port === '') return url
  changed.port = `${line.port}`
  return changed.href
}

/** NATS carries messages both ways; Postgres is told by a statement, which nobody takes out of its transaction, and tells by notifications. */
const meddlerOf = (bus: string): Meddler =>
  createMeddler(
    bus.startsWith('nats:') ? { there: natsFraming, back: natsFraming } : { back: postgresFraming('council_bus') }
  )

export const openCluster = async (options: ClusterOptions): Promise<Cluster> => {
  const { relays: count = 2, store, bus, env = {}, wrapper = [] } = options
  const disposables: AsyncDisposable[] = []
  const keep = <Kept extends AsyncDisposable>(kept: Kept): Kept => {
    disposables.push(kept)
    return kept
  }
  const relays: Relay[] = []
  const balancer: Balancer = keep(await openBalancer(count, () => relays))
  const ports = await Promise.all(Array.from({ length: count }, freePort))
  const addresses = [...balancer.fronts, ...ports.map((port) => `http://localhost:${port}`)]
  const storeLines: Line[] = []
  const busLines: Line[] = []
  const busMeddlers: Meddler[] = []
  for (let at = 0; at < count; at++) {
    storeLines.push(keep(await openLine(() => portOf(store))))
    if (bus === undefined) continue
    const meddler = meddlerOf(bus)
    busMeddlers.push(meddler)
    busLines.push(keep(await openLine(() => portOf(bus), meddler.meddle)))
  }
  const start = async (at: number): Promise<Relay> => {
    const [storeLine, busLine] = [storeLines[at], busLines[at]]
    if (storeLine === undefined) throw new Error('no line')
    return openRelay({
      port: ports[at] ?? 0,
      databaseUrl: through(store, storeLine),
      wrapper,
      env: {
        BUS_URL: bus === undefined || busLine === undefined ? 'memory:' : through(bus, busLine),
        PUBLIC_URL: addresses.join(' '),
        METRICS: 'public',
        CONNECTIONS_PER_ADDRESS: '100000',
        ...env
      }
    })
  }
  // Together: each makes the store ready, and only one of them must.
  relays.push(...(await Promise.all(Array.from({ length: count }, (_, at) => start(at)))))
  const cluster: Cluster = {
    relays,
    fronts: balancer.fronts,
    storeLines,
    busLines,
    busMeddlers,
    healed: () =>
      eventually(
        () => relays.every((relay, at) => relay.isRunning() && balancer.isUp(at)),
        () => relays.map((relay, at) => `${at}: up ${balancer.isUp(at)} ${relay.process().output().slice(-3_000)}`)
      ),
    async [Symbol.asyncDispose]() {
      await Promise.all(relays.map((relay) => relay.kill()))
      for (const each of disposables.reverse()) await each[Symbol.asyncDispose]()
    }
  }
  await cluster.healed()
  return cluster
}
