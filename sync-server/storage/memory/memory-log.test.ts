import { createHash } from 'node:crypto'
import { entryLogContract } from '#server/rooms/entry-log.contract.ts'
import { createMemoryDisk, type MemoryLedger } from './memory-disk.ts'
import { createMemoryLog } from './memory-log.ts'

entryLogContract('memory', async () => {
  let disk = createMemoryDisk()
  const ledger: MemoryLedger = []
  let now = 0
  let relayBytes = Number.POSITIVE_INFINITY
  return {
    open: async (rootBytes = 1e9) =>
      createMemoryLog({
        disk,
        ledger,
        sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
        now: () => now,
        rootBytes,
        relayBytes: () => relayBytes
      }),
    setNow: (ms) => {
      now = ms
    },
    wipe: async () => {
      disk = createMemoryDisk()
    },
    fill: async () => {
      relayBytes = 10
      return async () => {
        relayBytes = Number.POSITIVE_INFINITY
      }
    },
    [Symbol.asyncDispose]: async () => {}
  }
})
