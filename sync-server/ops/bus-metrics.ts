import type { Registry } from 'prom-client'
import { one, readCounter, readGauge } from './metric-parts.ts'

/** What a relay hears of the others of its store. */
export interface BusReadings {
  hears(): boolean
  readonly counters: {
    readonly sent: number
    readonly received: number
    readonly dropped: number
    readonly gaps: number
    readonly connections: number
  }
}

export const addBusMetrics = (registry: Registry, bus: BusReadings): void => {
  const { counters } = bus
  readGauge(registry, {
    name: 'council_bus_up',
    help: '1 while messages of the other relays come through; 0 also where BUS_URL names no broker.',
    read: () => one(bus.hears() ? 1 : 0)
  })
  readCounter(registry, {
    name: 'council_bus_messages_total',
    help: 'Hints and presence between relays; dropped: too large, or the broker was away.',
    labels: ['outcome'],
    read: () => [
      [['sent'], counters.sent],
      [['received'], counters.received],
      [['dropped'], counters.dropped]
    ]
  })
  readCounter(registry, {
    name: 'council_bus_gaps_total',
    help: 'Times that messages may have been missed and the store was asked instead.',
    read: () => one(counters.gaps)
  })
  readCounter(registry, {
    name: 'council_bus_connections_total',
    help: 'Connections made to the broker.',
    read: () => one(counters.connections)
  })
}
