import type { Bus } from '#server/rooms/ports.ts'
import type { Gate } from './gate.ts'

const passing = <Port extends object>(gate: Gate, port: Port): Port => {
  const pass = <Value>(work: Promise<Value>): Promise<Value> =>
    new Promise((resolve, reject) => {
      work.then(
        gate.in((value: Value) => resolve(value)),
        gate.in((cause: unknown) => reject(cause instanceof Error ? cause : new Error(String(cause))))
      )
    })
  return Object.fromEntries(
    Object.entries(port).map(([name, verb]) => [
      name,
      (...given: readonly unknown[]) => pass((verb as (...given: readonly unknown[]) => Promise<unknown>)(...given))
    ])
  ) as Port
}

/** A process's ports, so that it can stand still: answers and messages wait at its gate. */
export const throughGate = <Log extends object>(gate: Gate, log: Log, bus: Bus | undefined) => ({
  log: passing(gate, log),
  bus: bus && {
    ...bus,
    subscribe: (topic: string, onMessage: (message: Uint8Array) => void) => bus.subscribe(topic, gate.in(onMessage)),
    onGap: (run: () => void) => bus.onGap(gate.in(run))
  }
})
