import { Counter, Gauge, type Registry } from 'prom-client'

/** Numbers that others keep and a scrape reads: nothing is called while messages flow. */

/** [label values in the order of the names, value]. */
export type Reading = readonly [labels: readonly string[], value: number]

export interface ReadMetric {
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
  readonly read: () => readonly Reading[]
}

const labelled = (names: readonly string[], values: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']))

export const readGauge = (register: Registry, { name, help, labels = [], read }: ReadMetric): void => {
  new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers: [register],
    collect() {
      for (const [values, value] of read()) this.set(labelled(labels, values), value)
    }
  })
}

/** The numbers read only ever grow. */
export const readCounter = (register: Registry, { name, help, labels = [], read }: ReadMetric): void => {
  new Counter({
    name,
    help,
    labelNames: [...labels],
    registers: [register],
    collect() {
      this.reset()
      for (const [values, value] of read()) this.inc(labelled(labels, values), value)
    }
  })
}

export const one = (value: number): readonly Reading[] => [[[], value]]
