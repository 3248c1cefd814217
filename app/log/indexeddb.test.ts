import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { createLog } from './indexeddb.ts'
import { logContract } from './log.contract.ts'

let opened = 0

logContract(async () => {
  const name = `council-test-${++opened}`
  const factory = new IDBFactory()
  const [log, other] = [createLog({ name, indexedDB: factory }), createLog({ name, indexedDB: factory })]
  return {
    log,
    other,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([log.close(), other.close()])
    }
  }
})
