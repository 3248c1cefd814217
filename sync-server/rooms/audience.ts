import { bytesEqual } from '#core/bytes.ts'
import type { RootId, ShardId } from '#core/ids.ts'
import {
  decodeRelayMessage,
  type EphemeralFrame,
  encodeRelayMessage,
  isOwnMessage
} from '#server/protocol/relay-messages.ts'
import type { PassedEntry } from '#server/protocol/state.ts'
import type { Neighbours } from './neighbours.ts'
import type { Bus, Head, ShardRef } from './ports.ts'
import type { Clock } from './relay-ports.ts'
import type { FollowedShard, ShardFollowing } from './shard-following.ts'

/** Who listens to which shard on this relay, and what the other relays of the same store tell of it. */
export interface Audience<Listener> {
  join(listener: Listener, root: RootId, shard: ShardId): void
  leave(listener: Listener, root: RootId, shard: ShardId): void
  listeners(root: RootId, shard: ShardId): readonly Listener[]
  /** Listeners beside `own`, those at other relays included as far as these have told. */
  peers(root: RootId, shard: ShardId, own: Listener): number
  /** Entries of this relay are durable. @returns whether they follow what the listeners were told; else all of it is read from the store. */
  takesOwn(root: RootId, shard: ShardId, entries: readonly PassedEntry[]): boolean
  /** The others are told of them. */
  announce(root: RootId, shard: ShardId, seq: number): void
  /** Where the store stood when somebody here read it. */
  stood(root: RootId, shard: ShardId, head: Head): void
  /** Presence of this relay's own sockets. */
  present(root: RootId, shard: ShardId, frames: readonly EphemeralFrame[]): void
  /** Where the store stands, asked when `asked` was all that was known. 'restored': behind that, or elsewhere in another history, it was put back. */
  stands(asked: Listened, head: Head): 'new' | 'known' | 'restored'
  /** Whether a hint, or this relay's own commit, told of all up to here. Of a shard that nobody listens to any more: yes. */
  wasTold(ref: ShardRef, seq: number): boolean
  /** All that somebody here listens to. */
  places(): readonly Listened[]
  /** A relay is gone with all who listened there. */
  gone(origin: string): void
  /** Says anew who listens here, and asks the others: messages may have been lost. */
  tellAgain(): void
}

export interface Listened extends ShardRef {
  /** The highest seq that the listeners were told of. */
  readonly seen: number
  /** Where they stand, if that is known. */
  readonly at: Head | undefined
}

interface Place<Listener> extends FollowedShard {
  /** A socket may have opened a root twice: counted, so that closing one channel leaves the other. */
  readonly counts: Map<Listener, number>
  /** Who is in `counts`, as often asked for as something is told; undefined: somebody came or went. */
  listeners: readonly Listener[] | undefined
  readonly stop: () => void
  seen: number
  /** The newest that a hint or a commit of this relay told of. */
  told: number
  /** Listeners by relay. */
  elsewhere: Map<string, number> | undefined
}

/** To the other relays of the store. */
export interface AudienceAcross<Listener> {
  readonly bus: Bus
  readonly neighbours: Neighbours
  readonly clock: Clock
  readonly tickMs: number
  readonly following: ShardFollowing
  readonly onFrames: (root: RootId, shard: ShardId, origin: string, frames: readonly EphemeralFrame[]) => void
  /** Others listen elsewhere, where this listener was told that nobody does. */
  readonly onPeers: (listener: Listener, root: RootId, shard: ShardId, peers: number) => void
}

const NOBODY: readonly never[] = []

/** More relays than one store serves. */
const MOST_RELAYS = 256

/** Both parts have a fixed alphabet without the slash. */
const topicOf = (root: RootId, shard: ShardId): string => `${root}/${shard}`

const sum = (counts: Map<string, number> | undefined): number => {
  let all = 0
  for (const count of counts?.values() ?? []) all += count
  return all
}

/** @param across absent where this is the store's only relay */
export const createAudience = <Listener>(across?: AudienceAcross<Listener>): Audience<Listener> => {
  const places = new Map<string, Place<Listener>>()
  /** Places whose number of listeners is told with the next tick. */
  const due = new Set<Place<Listener>>()

  const placeOf = (root: RootId, shard: ShardId): Place<Listener> | undefined => places.get(topicOf(root, shard))

  const publish = (place: ShardRef, message: Parameters<typeof encodeRelayMessage>[1]): void => {
    if (across === undefined) return
    across.bus.publish(topicOf(place.root, place.shard), encodeRelayMessage(across.neighbours.origin, message))
  }

  /** The entries are in the store: seq alone is told. */
  const tellHead = (place: ShardRef, seq: number): void =>
    publish(place, { kind: 'hint', seq, mark: 0, before: 0, rows: [] })

  const tellDue = (): void => {
    const all = [...due]
    due.clear()
    for (const place of all) {
      if (place.counts.size > 0) publish(place, { kind: 'peers', count: place.counts.size, asks: false })
    }
  }

  const schedule = (place: Place<Listener>): void => {
    if (across === undefined) return
    if (due.size === 0) across.clock.after(across.tickMs, tellDue)
    due.add(place)
  }

  const hint = (place: Place<Listener>, seq: number): void => {
    place.seen = Math.max(place.seen, seq)
    across?.following.follow(place, seq)
  }

  const hearPeers = (place: Place<Listener>, origin: string, count: number, asks: boolean): void => {
    const before = sum(place.elsewhere)
    place.elsewhere ??= new Map()
    if (count === 0) place.elsewhere.delete(origin)
    else if (place.elsewhere.size < MOST_RELAYS || place.elsewhere.has(origin)) place.elsewhere.set(origin, count)
    if (asks) schedule(place)
    // Who asks will say who it is by itself; an answer comes after HEAD was sent.
    const isFirst = !asks && before === 0 && count > 0 && place.counts.size === 1
    const [listener] = place.counts.keys()
    if (isFirst && listener !== undefined) across?.onPeers(listener, place.root, place.shard, count)
  }

  const onMessage = (place: Place<Listener>, bytes: Uint8Array): void => {
    if (across === undefined || isOwnMessage(across.neighbours.origin, bytes)) return
    const received = decodeRelayMessage(bytes)
    if (!received.ok) return
    const { origin, message } = received.value
    if (message.kind === 'hint') {
      place.told = Math.max(place.told, message.seq)
      hint(place, message.seq)
    } else if (message.kind === 'ephemeral') across.onFrames(place.root, place.shard, origin, message.frames)
    else if (message.kind === 'peers' && across.neighbours.heard(origin)) {
      hearPeers(place, origin, message.count, message.asks)
    }
  }

  const open = (root: RootId, shard: ShardId): Place<Listener> => {
    const topic = topicOf(root, shard)
    const place: Place<Listener> = {
      root,
      shard,
      counts: new Map(),
      listeners: undefined,
      stop: across === undefined ? () => {} : across.bus.subscribe(topic, (bytes) => onMessage(place, bytes)),
      seen: 0,
      told: 0,
      at: undefined,
      target: 0,
      isReading: false,
      elsewhere: undefined
    }
    places.set(topic, place)
    return place
  }

  return {
    join(listener, root, shard) {
      const known = placeOf(root, shard)
      const place = known ?? open(root, shard)
      const count = place.counts.get(listener) ?? 0
      place.counts.set(listener, count + 1)
      place.listeners = undefined
      if (known === undefined) publish(place, { kind: 'peers', count: 1, asks: true })
      else if (count === 0) schedule(place)
    },
    leave(listener, root, shard) {
      const place = placeOf(root, shard)
      const count = place?.counts.get(listener)
      if (place === undefined || count === undefined) return
      if (count > 1) {
        place.counts.set(listener, count - 1)
        return
      }
      place.counts.delete(listener)
      place.listeners = undefined
      if (place.counts.size > 0) {
        schedule(place)
        return
      }
      publish(place, { kind: 'peers', count: 0, asks: false })
      place.stop()
      due.delete(place)
      places.delete(topicOf(root, shard))
    },
    listeners(root, shard) {
      const place = placeOf(root, shard)
      if (place === undefined) return NOBODY
      place.listeners ??= [...place.counts.keys()]
      return place.listeners
    },
    peers(root, shard, own) {
      const place = placeOf(root, shard)
      if (place === undefined) return 0
      return place.counts.size - (place.counts.has(own) ? 1 : 0) + sum(place.elsewhere)
    },
    takesOwn(root, shard, entries) {
      const place = across && placeOf(root, shard)
      if (place === undefined) return true
      place.told = entries.at(-1)?.seq ?? 0
      place.seen = Math.max(place.seen, place.told)
      return across?.following.takesOwn(place, entries) !== false
    },
    stood(root, shard, head) {
      const place = placeOf(root, shard)
      if (place !== undefined) across?.following.stood(place, head)
    },
    announce: (root, shard, seq) => tellHead({ root, shard }, seq),
    present: (root, shard, frames) => publish({ root, shard }, { kind: 'ephemeral', frames }),
    stands({ root, shard, seen, at }, { seq, hash }) {
      const place = placeOf(root, shard)
      if (place === undefined) return 'known'
      // Further on, the reading that follows starts from a hash, and fails where that is of another history.
      if (seq < seen || (seq === at?.seq && !bytesEqual(hash, at.hash))) {
        place.seen = seq
        place.told = 0
        place.at = undefined
        place.target = seq
        return 'restored'
      }
      if (seq <= place.seen) return 'known'
      hint(place, seq)
      return 'new'
    },
    wasTold({ root, shard }, seq) {
      const place = placeOf(root, shard)
      return place === undefined || place.told >= seq
    },
    places: () => [...places.values()].map(({ root, shard, seen, at }) => ({ root, shard, seen, at })),
    gone(origin) {
      for (const { elsewhere } of places.values()) elsewhere?.delete(origin)
    },
    tellAgain() {
      for (const place of places.values()) {
        publish(place, { kind: 'peers', count: place.counts.size, asks: true })
        // Whatever was appended here while nothing went out.
        if (place.seen > 0) tellHead(place, place.seen)
      }
    }
  }
}
