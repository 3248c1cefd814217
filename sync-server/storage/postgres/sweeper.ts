import type { Connections } from './connections.ts'
import type { Schemas } from './schema.ts'

/** Deletes what was replaced or erased bit by bit, so that appends get between. Whichever relay comes first does it. */
export interface Sweeper {
  /** There may be something to delete. */
  wake(): void
  /** Resolves when there is nothing left. Rejects where the store fails. */
  sweep(): Promise<void>
  stop(): Promise<void>
}

const ROWS = 500
const PARTS = 4
/** What was begun so long ago and never finished was begun by somebody who is gone. */
const LEFT_BEHIND = '1 hour'

export const createSweeper = (db: Connections, { store }: Schemas): Sweeper => {
  let running: Promise<void> | undefined
  let isAskedAgain = false
  let isStopped = false

  const sweep = async (): Promise<void> => {
    await db.query(`SELECT ${store}.abandon('${LEFT_BEHIND}')`)
    while (!isStopped) {
      const [row] = await db.query(`SELECT ${store}.sweep_some(${ROWS}, ${PARTS}) AS is_more`)
      if (row?.is_more !== true) return
    }
  }

  const run = async (): Promise<void> => {
    do {
      isAskedAgain = false
      try {
        await sweep()
      } catch {
        // A full disk or a database that is away: what was replaced waits for the next adoption, purge or start.
      }
    } while (isAskedAgain && !isStopped)
    running = undefined
  }

  return {
    wake() {
      isAskedAgain = true
      running ??= run()
    },
    sweep,
    async stop() {
      isStopped = true
      await running
    }
  }
}
