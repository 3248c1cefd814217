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

type Published = Extract<Event, { readonly kind: 'published' }>

interface Push<Line> {
  readonly author: Line
  readonly entries: readonly PassedEntry[]
}

interface Durable<Line> {
  readonly root: RootId
  readonly shard: ShardId
  readonly pushes: Push<Line>[]
}

const entriesOf = <Line>(pushes: readonly Push<Line>[]): readonly PassedEntry[] =>
  pushes.length === 1 ? (pushes[0]?.entries ?? []) : pushes.flatMap(({ entries }) => entries)

export const createPublishing = <Line>(
  audience: Pick<Audience<Line>, 'listeners' | 'announce' | 'takesOwn'>,
  feed: (line: Line, event: Published) => void,
  isHalted: () => boolean
): Publishing<Line> => {
  let durable = new Map<string, Durable<Line>>()

  const tell = (durable: Durable<Line>): void => {
    const { root, shard, pushes } = durable
    const entries = entriesOf(pushes)
    const last = entries.at(-1)
    if (audience.takesOwn(root, shard, entries)) tellHere(durable, entries)
    if (last !== undefined && !isHalted()) audience.announce(root, shard, last.seq)
  }

  const tellHere = (durable: Durable<Line>, entries: readonly PassedEntry[]): void => {
    const listeners = audience.listeners(durable.root, durable.shard)
    // One author and one other is what most rooms are: then nothing is remembered for more.
    const event = (of: readonly PassedEntry[], own: boolean): Published => {
      const { root, shard } = durable
      const published = { kind: 'published', root, shard, entries: of, own } as const
      return own || listeners.length < 3 ? published : { ...published, shared: new Map() }
    }
    const all = event(entries, false)
    const [first] = durable.pushes
    if (durable.pushes.length === 1) {
      for (const listener of listeners) feed(listener, listener === first?.author ? event(entries, true) : all)
      return
    }
    const apart = durable.pushes.map((push) => ({
      author: push.author,
      toOthers: event(push.entries, false),
      toAuthor: event(push.entries, true)
    }))
    const authors = new Set(apart.map(({ author }) => author))
    for (const listener of listeners) {
      if (!authors.has(listener)) feed(listener, all)
      else for (const { author, toAuthor, toOthers } of apart) feed(listener, author === listener ? toAuthor : toOthers)
    }
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
