/** While one batch is on its way the next gathers: appends reach the store one after the other, in the order in which they were asked for. */

export interface GroupCommit<Item, Answer> {
  /** @returns an answer each, in order. */
  add(items: readonly Item[]): Promise<readonly Answer[]>
  /** Resolves when what was asked for under this key before is answered. */
  settled(key: string): Promise<unknown> | undefined
  allSettled(keys: readonly string[]): Promise<unknown>
}

export interface GroupCommitOptions<Item, Answer> {
  readonly commit: (items: readonly Item[]) => Promise<readonly Answer[]>
  readonly keyOf: (item: Item) => string
  readonly sizeOf: (item: Item) => number
}

/** A batch goes as one message: enough for a busy relay, little enough for the memory of both ends. */
const BATCH_BYTES = 8_000_000
const BATCH_ITEMS = 2_000

interface Asked<Item, Answer> {
  readonly items: readonly Item[]
  readonly size: number
  readonly done: (answers: readonly Answer[]) => void
  readonly fail: (cause: unknown) => void
}

export const createGroupCommit = <Item, Answer>(
  options: GroupCommitOptions<Item, Answer>
): GroupCommit<Item, Answer> => {
  const { commit, keyOf, sizeOf } = options
  let queue: Asked<Item, Answer>[] = []
  let isUnderWay = false
  const lastByKey = new Map<string, Promise<unknown>>()

  const take = (): readonly Asked<Item, Answer>[] => {
    let bytes = 0
    let items = 0
    let count = 0
    for (const asked of queue) {
      bytes += asked.size
      items += asked.items.length
      if (count > 0 && (bytes > BATCH_BYTES || items > BATCH_ITEMS)) break
      count++
    }
    const batch = queue.slice(0, count)
    queue = queue.slice(count)
    return batch
  }

  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = take()
      try {
        const answers = await commit(batch.length === 1 ? (batch[0]?.items ?? []) : batch.flatMap(({ items }) => items))
        let at = 0
        for (const { items, done } of batch) {
          done(answers.slice(at, at + items.length))
          at += items.length
        }
      } catch (cause) {
        for (const { fail } of batch) fail(cause)
      }
    }
    isUnderWay = false
  }

  return {
    add(items) {
      if (items.length === 0) return Promise.resolve([])
      const answered = new Promise<readonly Answer[]>((done, fail) => {
        queue.push({ items, size: items.reduce((sum, item) => sum + sizeOf(item), 0), done, fail })
      })
      const over = answered.then(
        () => undefined,
        () => undefined
      )
      const keys = new Set(items.map(keyOf))
      for (const key of keys) lastByKey.set(key, over)
      void over.then(() => {
        for (const key of keys) if (lastByKey.get(key) === over) lastByKey.delete(key)
      })
      if (!isUnderWay) {
        isUnderWay = true
        // Those who were answered together ask together.
        process.nextTick(() => void run())
      }
      return answered
    },
    settled: (key) => lastByKey.get(key),
    allSettled: (keys) => Promise.all(lastByKey.size === 0 ? [] : keys.map((key) => lastByKey.get(key)))
  }
}
