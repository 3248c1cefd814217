import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { addBusMetrics, type BusReadings } from './bus-metrics.ts'
import type { LoadReadings } from './load.ts'
import { one, type Reading, readCounter, readGauge } from './metric-parts.ts'
import { addOpenMetrics, type OpenMetricSources } from './open-metrics.ts'

/** Sealed traffic, counted where sockets and relay meet. */
export interface SealedReadings {
  readonly connections: number
  readonly framesIn: number
  readonly bytesIn: number
  readonly framesOut: number
  readonly bytesOut: number
}

/** What was taken and is not on the disk yet. */
export interface QueueReading {
  readonly bytes: number
  /** When the oldest of it came, milliseconds since 1970 UTC; 0 = nothing waits. */
  readonly oldestAt: number
}

export interface MetricSources extends OpenMetricSources {
  readonly sealed: SealedReadings
  readonly sealedQueue: () => QueueReading
  /** undefined: no socket is served yet. */
  readonly sockets: () => { bufferedBytes(): number; receptionBytes(): number } | undefined
  readonly load: LoadReadings
  readonly bus: BusReadings
}

export type Endpoint = 'sealed' | 'open'
export type PauseKind = 'frame' | 'door'

/** What a host watches. Counts, sizes and times only: no root, no room, no address. docs/runbook.md says what each means. */
export interface Metrics {
  countRefusal(name: string): void
  countClose(code: number): void
  countErasure(): void
  /** frame: a PAUSE to a sealed socket; door: 429 or 503 to one that came. */
  countPause(kind: PauseKind): void
  countRefusedHandshake(status: number): void
  /** A socket that broke a rule of WebSocket or of its limits. */
  countBroken(code: number): void
  observeCommit(endpoint: Endpoint, size: number, ms: number): void
  countPushes(pushes: number, bytes: number): void
  countFailure(): void
  render(): Promise<string>
  readonly contentType: string
}

const byCode = (endpoint: string, counts: ReadonlyMap<number, number>): readonly Reading[] =>
  [...counts].map(([code, count]) => [[endpoint, String(code)], count])

export const createMetrics = (sources: MetricSources): Metrics => {
  const { sealed, open, load, now } = sources
  const registry = new Registry()
  const registers = [registry]
  // Its own measure of the loop wakes the process a hundred times a second unless told otherwise; load.ts measures that already.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1_000 })
  const both = (sealedValue: number, openValue: number) =>
    [
      [['sealed'], sealedValue],
      [['open'], openValue]
    ] as const
  const age = (oldestAt: number): number => (oldestAt === 0 ? 0 : Math.max(0, now() - oldestAt) / 1_000)
  const closes = new Map<number, number>()
  const broken = new Map<number, number>()
  const pauses: Record<PauseKind, number> = { frame: 0, door: 0 }
  const labels = ['endpoint']

  readGauge(registry, {
    name: 'council_connections',
    help: 'Open sockets.',
    labels,
    read: () => both(sealed.connections, open.connections)
  })
  readCounter(registry, {
    name: 'council_frames_total',
    help: 'Messages received.',
    labels,
    read: () => both(sealed.framesIn, open.framesIn)
  })
  readCounter(registry, {
    name: 'council_deliveries_total',
    help: 'Messages handed to sockets: one to 200 clients is 200.',
    labels,
    read: () => both(sealed.framesOut, open.deliveries)
  })
  readCounter(registry, {
    name: 'council_bytes_total',
    help: 'Bytes of messages, without framing.',
    labels: ['endpoint', 'direction'],
    read: () => [
      [['sealed', 'in'], sealed.bytesIn],
      [['sealed', 'out'], sealed.bytesOut],
      [['open', 'in'], open.bytesIn],
      [['open', 'out'], open.bytesOut]
    ]
  })
  readGauge(registry, {
    name: 'council_send_buffer_bytes',
    help: 'Bytes that peers have not taken yet, all sockets together.',
    read: () => one(sources.sockets()?.bufferedBytes() ?? 0)
  })
  readGauge(registry, {
    name: 'council_reception_bytes',
    help: 'Bytes of messages that are not whole yet.',
    read: () => one(sources.sockets()?.receptionBytes() ?? 0)
  })
  readCounter(registry, {
    name: 'council_closes_total',
    help: 'Sockets closed by the relay, by code; socket: for breaking a rule of WebSocket.',
    labels: ['endpoint', 'code'],
    read: () => [...byCode('sealed', closes), ...byCode('open', open.closedByCode), ...byCode('socket', broken)]
  })
  readCounter(registry, {
    name: 'council_pauses_total',
    help: 'Times a peer was asked to wait: a PAUSE frame, or 429 or 503 at the door.',
    labels: ['kind'],
    read: () => [
      [['frame'], pauses.frame],
      [['door'], pauses.door]
    ]
  })
  readGauge(registry, {
    name: 'council_overloaded',
    help: '1 while new work is turned away, by cause.',
    labels: ['cause'],
    read: () => load.causes().map(([cause, isOn]) => [[cause], isOn ? 1 : 0] as const)
  })
  readGauge(registry, {
    name: 'council_event_loop_lag_seconds',
    help: 'How late timers were on average in the last second.',
    read: () => one(load.lagMs() / 1_000)
  })
  readGauge(registry, {
    name: 'council_durability_lag_seconds',
    help: 'Age of the oldest byte that was taken and is not on the disk.',
    labels,
    read: () => both(age(sources.sealedQueue().oldestAt), age(open.oldestAt))
  })
  readGauge(registry, {
    name: 'council_queued_bytes',
    help: 'Bytes that were taken and are not on the disk.',
    labels,
    read: () => both(sources.sealedQueue().bytes, open.queuedBytes + open.waitingBytes)
  })
  addOpenMetrics(registry, sources)
  addBusMetrics(registry, sources.bus)

  const refusals = new Counter({
    name: 'council_refusals_total',
    help: 'Refused sealed frames by name.',
    labelNames: ['name'],
    registers
  })
  const handshakes = new Counter({
    name: 'council_refused_handshakes_total',
    help: 'Requests for a WebSocket that were refused, by HTTP status.',
    labelNames: ['status'],
    registers
  })
  const erasures = new Counter({ name: 'council_erasures_total', help: 'Erasures carried out.', registers })
  const failures = new Counter({
    name: 'council_failures_total',
    help: 'Requests that failed inside the relay.',
    registers
  })
  const pushes = new Counter({
    name: 'council_pushes_total',
    help: 'Sealed pushes committed or refused by the store.',
    registers
  })
  const pushedBytes = new Counter({ name: 'council_pushed_bytes_total', help: 'Bytes in those pushes.', registers })
  const commitSeconds = new Histogram({
    name: 'council_commit_seconds',
    help: 'From the start of a group commit until it is durable.',
    labelNames: labels,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers
  })
  const commitSize = new Histogram({
    name: 'council_commit_size',
    help: 'Pushes, or rows, in one group commit.',
    labelNames: labels,
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 1_024],
    registers
  })
  // Prepared once: a lookup by labels for every commit makes an object each.
  const observers = {
    sealed: { seconds: commitSeconds.labels('sealed'), size: commitSize.labels('sealed') },
    open: { seconds: commitSeconds.labels('open'), size: commitSize.labels('open') }
  }
  return {
    countRefusal: (name) => refusals.inc({ name }),
    countClose: (code) => closes.set(code, (closes.get(code) ?? 0) + 1),
    countErasure: () => erasures.inc(),
    countPause(kind) {
      pauses[kind]++
    },
    countRefusedHandshake: (status) => handshakes.inc({ status: String(status) }),
    countBroken: (code) => broken.set(code, (broken.get(code) ?? 0) + 1),
    countFailure: () => failures.inc(),
    observeCommit(endpoint, size, ms) {
      observers[endpoint].seconds.observe(ms / 1_000)
      observers[endpoint].size.observe(size)
    },
    countPushes(count, size) {
      pushes.inc(count)
      pushedBytes.inc(size)
    },
    render: () => registry.metrics(),
    contentType: registry.contentType
  }
}
