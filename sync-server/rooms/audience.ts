import type { RootId, ShardId } from '#core/ids.ts'
import type { Bus } from './ports.ts'

/** Who listens to which shard on this relay, and the hint that tells the other relays of the same store. */
export interface Audience<Listener> {
  join(listener: Listener, root: RootId, shard: ShardId): void
  leave(listener: Listener, root: RootId, shard: ShardId): void
  listeners(root: RootId, shard: ShardId): readonly Listener[]
  /** Listeners beside `own`. */
  peers(root: RootId, shard: ShardId, own: Listener): number
  announce(root: RootId, shard: ShardId, seq: number): void
}

interface Place<Listener> {
  /** A socket may have opened a root twice: counted, so that closing one channel leaves the other. */
  readonly counts: Map<Listener, number>
  readonly stop: () => void
}

const ORIGIN_BYTES = 8

/** Both parts have a fixed alphabet without the slash. */
const topicOf = (root: RootId, shard: ShardId): string => `${root}/${shard}`

const hintBytes = (origin: Uint8Array, seq: number): Uint8Array => {
  const message = new Uint8Array(ORIGIN_BYTES + 8)
  message.set(origin)
  new DataView(message.buffer).setFloat64(ORIGIN_BYTES, seq)
  return message
}

/** @param origin 8 random bytes that tell this relay's hints from others'. */
export const createAudience = <Listener>(
  bus: Bus,
  origin: Uint8Array,
  onHint: (listener: Listener, root: RootId, shard: ShardId, seq: number) => void
): Audience<Listener> => {
  const places = new Map<string, Place<Listener>>()

  const onMessage = (root: RootId, shard: ShardId, message: Uint8Array): void => {
    if (message.byteLength !== ORIGIN_BYTES + 8) return
    if (origin.every((byte, index) => byte === message[index])) return
    const seq = new DataView(message.buffer, message.byteOffset).getFloat64(ORIGIN_BYTES)
    for (const listener of listeners(root, shard)) onHint(listener, root, shard, seq)
  }

  const listeners = (root: RootId, shard: ShardId): readonly Listener[] => [
    ...(places.get(topicOf(root, shard))?.counts.keys() ?? [])
  ]

  return {
    join(listener, root, shard) {
      const topic = topicOf(root, shard)
      const place = places.get(topic) ?? {
        counts: new Map(),
        stop: bus.subscribe(topic, (message) => onMessage(root, shard, message))
      }
      place.counts.set(listener, (place.counts.get(listener) ?? 0) + 1)
      places.set(topic, place)
    },
    leave(listener, root, shard) {
      const topic = topicOf(root, shard)
      const place = places.get(topic)
      const count = place?.counts.get(listener)
      if (place === undefined || count === undefined) return
      if (count > 1) place.counts.set(listener, count - 1)
      else place.counts.delete(listener)
      if (place.counts.size > 0) return
      place.stop()
      places.delete(topic)
    },
    listeners,
    peers: (root, shard, own) => {
      const counts = places.get(topicOf(root, shard))?.counts
      return counts === undefined ? 0 : counts.size - (counts.has(own) ? 1 : 0)
    },
    announce: (root, shard, seq) => bus.publish(topicOf(root, shard), hintBytes(origin, seq))
  }
}
