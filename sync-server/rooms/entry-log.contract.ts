import { describe } from 'vitest'
import { entryLogEntries } from './entry-log-entries.contract.ts'
import { entryLogErasure } from './entry-log-erasure.contract.ts'
import { entryLogSnapshots } from './entry-log-snapshots.contract.ts'
import { entryLogSpace } from './entry-log-space.contract.ts'
import type { LogPlace } from './entry-log-verbs.contract.ts'

/** @param place makes an empty place for one test. */
export const entryLogContract = (name: string, place: () => Promise<LogPlace>): void => {
  describe(`entry log: ${name}`, () => {
    entryLogEntries(place)
    entryLogSnapshots(place)
    entryLogSpace(place)
    entryLogErasure(place)
  })
}
