import { describe } from 'vitest'
import { updateLogBases } from './update-log-bases.contract.ts'
import { updateLogHistory } from './update-log-history.contract.ts'
import { updateLogRows } from './update-log-rows.contract.ts'
import { updateLogSpace } from './update-log-space.contract.ts'
import type { Place } from './update-log-verbs.contract.ts'

/** @param place makes an empty place for one test. */
export const updateLogContract = (name: string, place: Place): void => {
  describe(`update log: ${name}`, () => {
    updateLogRows(place)
    updateLogBases(place)
    updateLogSpace(place)
    updateLogHistory(place)
  })
}
