import type { RootId, ShardId } from '#core/ids.ts'
import type { Event } from '#server/protocol/events.ts'
import type { PassedEntry } from '#server/protocol/state.ts'
import type { Audience } from './audience.ts'

/** What one commit brought to a shard is one event, and so one message, for all but those who pushed. */
export interface Publishing<Line> {
  /** A push is durable. */
  add(root: RootId, shard: ShardId, author: Line, entries: readonly PassedEntry[]): void
  /** The commit was answered: tells everybody. */
  flush(): void
}

interface Push<Line> {
  readonly author: Line
  readonly entries: readonly PassedEntry[]
}

interface Durable<Line> {
  readonly root: RootId
  readonly shard: ShardId
  readonly pushes: Push<Line>[]
}

export const createPublishing = <Line>(
  audience: Pick<Audience<Line>, 'listeners' | 'announce'>,
  feed: (line: Line, event: Extract<Event, { readonly kind: 'published' }>) => void,
  isHalted: () => boolean
): Publishing<Line> => {
  let durable = new Map<string, Durable<Line>>()

  const tell = ({ root, shard, pushes }: Durable<Line>): void => {
    const authors = new Set(pushes.map(({ author }) => author))
    const entries = pushes.flatMap((push) => push.entries)
    const all = { kind: 'published', root, shard, entries, own: false } as const
    for (const listener of audience.listeners(root, shard)) {
      if (!authors.has(listener)) feed(listener, all)
      else for (const { author, entries } of pushes) feed(listener, { ...all, entries, own: author === listener })
    }
    const last = entries.at(-1)
    if (last !== undefined && !isHalted()) audience.announce(root, shard, last.seq)
  }

  return {
    add(root, shard, author, entries) {
      // Both parts have a fixed alphabet without the slash.
      const key = `${root}/${shard}`
      const known = durable.get(key)
      if (known === undefined) durable.set(key, { root, shard, pushes: [{ author, entries }] })
      else known.pushes.push({ author, entries })
    },
    flush() {
      const published = durable
      durable = new Map()
      for (const each of published.values()) {
        if (isHalted()) return
        tell(each)
      }
    }
  }
}
