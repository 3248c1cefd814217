import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What a host watches. Counts and times only: no root, no address. */
export interface Metrics {
  setConnections(open: number): void
  countRefusal(name: string): void
  countClose(code: number): void
  countErasure(): void
  observeCommit(pushes: number, bytes: number, ms: number): void
  countFailure(): void
  render(): Promise<string>
  readonly contentType: string
}

export const createMetrics = (): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const connections = new Gauge({ name: 'council_connections', help: 'Open sealed sockets.', registers })
  const refusals = new Counter({
    name: 'council_refusals_total',
    help: 'Refused frames by name.',
    labelNames: ['name'],
    registers
  })
  const closes = new Counter({
    name: 'council_closes_total',
    help: 'Sockets closed by the relay, by code.',
    labelNames: ['code'],
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
    help: 'Pushes committed or refused by the store.',
    registers
  })
  const bytes = new Counter({ name: 'council_pushed_bytes_total', help: 'Bytes in those pushes.', registers })
  const commits = new Histogram({
    name: 'council_commit_seconds',
    help: 'From the start of a group commit until it is durable.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers
  })
  return {
    setConnections: (open) => connections.set(open),
    countRefusal: (name) => refusals.inc({ name }),
    countClose: (code) => closes.inc({ code: String(code) }),
    countErasure: () => erasures.inc(),
    countFailure: () => failures.inc(),
    observeCommit(count, size, ms) {
      pushes.inc(count)
      bytes.inc(size)
      commits.observe(ms / 1_000)
    },
    render: () => registry.metrics(),
    contentType: registry.contentType
  }
}
