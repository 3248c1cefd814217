import { busContract } from '#server/rooms/bus.contract.ts'
import { createMemoryBus } from './memory-bus.ts'

// Relays of one process share one bus.
const shared = createMemoryBus()
busContract('memory', () => ({ ...shared, close: async () => {} }))
