import { afterEach, describe } from 'vitest'
import { busFaults } from './bus-faults.contract.ts'
import { busMessages } from './bus-messages.contract.ts'
import type { Broker, BusPlace, TestedBus } from './bus-verbs.contract.ts'

type Open = BusPlace['open']

/** @param broker runs while the tests run; undefined where the bus is within this process. */
export const busContract = (name: string, open: Open, broker?: () => Broker): void => {
  describe(`bus: ${name}`, () => {
    const opened: TestedBus[] = []
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((bus) => bus.close()))
    })
    const kept: Open = (options) => {
      const bus = open(options)
      opened.push(bus)
      return bus
    }
    busMessages(() => (broker === undefined ? { open: kept } : { open: kept, broker: broker() }))
    if (broker !== undefined) busFaults(() => ({ open: kept, broker: broker() }))
  })
}
