import { logContract } from './log.contract.ts'
import { createMemoryDatabase, createMemoryLog } from './memory.ts'

logContract(async () => {
  const database = createMemoryDatabase()
  const [log, other] = [createMemoryLog({ database }), createMemoryLog({ database })]
  return {
    log,
    other,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([log.close(), other.close()])
    }
  }
})
