import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import type { Bus, EntryLog } from '#server/rooms/ports.ts'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createMemoryLog } from '#server/storage/memory/memory-log.ts'
import { createRig, type RigOptions } from '#testing/wire/relay-rig.ts'
import { sha256 } from '#testing/wire/root.ts'

/** Sealed rooms at several relays of one store. */

export const deafBus: Bus = {
  publish() {},
  subscribe: () => () => {},
  hears: () => false,
  onGap: () => () => {},
  close: async () => {}
}

export const openLog = (disk = createMemoryDisk()): EntryLog =>
  createMemoryLog({ disk, ledger: [], sha256, now: () => 0, rootBytes: 1e9 })

export const relays = (options: RigOptions & { readonly count?: number } = {}) => {
  const { count = 2, bus = createMemoryBus(), log = openLog(), ...rest } = options
  return Array.from({ length: count }, () => createRig({ bus, log, isShared: true, ...rest })) as [Rig, Rig, Rig]
}
export type Rig = ReturnType<typeof createRig>

/** Time passes everywhere, second by second, and all come to rest in between. */
export const pass = async (rigs: readonly Rig[], ms: number): Promise<void> => {
  for (let left = ms; left > 0; left -= 1_000) {
    for (const rig of rigs) rig.clock.pass(Math.min(left, 1_000))
    for (const rig of rigs) await rig.settle()
  }
}
