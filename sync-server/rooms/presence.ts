import type { RootId, ShardId } from '#core/ids.ts'
import type { EphemeralFrame } from '#server/protocol/relay-messages.ts'
import type { Clock } from './relay-ports.ts'

/** Presence gathers for a moment, the newest of each sender, and goes out as one batch. Nothing of it is stored. */
export interface Presence<Sender> {
  say(sender: Sender, root: RootId, shard: ShardId, frame: Uint8Array): void
  /** What another relay gathered. */
  hear(root: RootId, shard: ShardId, origin: string, frames: readonly EphemeralFrame[]): void
}

export interface PresenceOptions<Sender> {
  readonly clock: Clock
  readonly tickMs: number
  readonly listeners: (root: RootId, shard: ShardId) => readonly Sender[]
  readonly tell: (listener: Sender, root: RootId, shard: ShardId, frames: readonly Uint8Array[]) => void
  /** To the other relays of the store: what this one's own sockets said. Absent where there are none. */
  readonly pass?: (root: RootId, shard: ShardId, frames: readonly EphemeralFrame[]) => void
}

interface Gathering<Sender> {
  readonly root: RootId
  readonly shard: ShardId
  /** By socket, or by origin and number where another relay brought it. */
  readonly frames: Map<Sender | string, Uint8Array>
}

/** 200 frames of the largest size still fit one relay frame. */
const FRAMES_PER_BATCH = 200
/** And so many a message between relays, which is smaller. */
const FRAMES_ACROSS = 50
/** What the other relays may bring to one tick of a shard: more people than a circle has. */
const MOST_FRAMES = 1_000

export const createPresence = <Sender extends object>(options: PresenceOptions<Sender>): Presence<Sender> => {
  const { clock, tickMs, listeners, tell, pass } = options
  const gatherings = new Map<string, Gathering<Sender>>()
  const numbers = new WeakMap<Sender, number>()
  let numbered = 0

  const numberOf = (sender: Sender): number => {
    const known = numbers.get(sender)
    if (known !== undefined) return known
    numbers.set(sender, ++numbered)
    return numbered
  }

  const passOn = ({ root, shard, frames }: Gathering<Sender>): void => {
    if (pass === undefined) return
    const own: EphemeralFrame[] = []
    for (const [sender, frame] of frames) if (typeof sender !== 'string') own.push({ sender: numberOf(sender), frame })
    for (let from = 0; from < own.length; from += FRAMES_ACROSS)
      pass(root, shard, own.slice(from, from + FRAMES_ACROSS))
  }

  const flush = (): void => {
    const due = [...gatherings.values()]
    gatherings.clear()
    for (const gathering of due) {
      const { root, shard, frames } = gathering
      passOn(gathering)
      for (const listener of listeners(root, shard)) {
        const others = [...frames].filter(([sender]) => sender !== listener).map(([, frame]) => frame)
        for (let from = 0; from < others.length; from += FRAMES_PER_BATCH) {
          tell(listener, root, shard, others.slice(from, from + FRAMES_PER_BATCH))
        }
      }
    }
  }

  const gather = (root: RootId, shard: ShardId): Gathering<Sender> => {
    if (gatherings.size === 0) clock.after(tickMs, flush)
    const key = `${root}/${shard}`
    const gathering = gatherings.get(key) ?? { root, shard, frames: new Map() }
    gatherings.set(key, gathering)
    return gathering
  }

  return {
    say: (sender, root, shard, frame) => void gather(root, shard).frames.set(sender, frame),
    hear(root, shard, origin, heard) {
      const { frames } = gather(root, shard)
      for (const { sender, frame } of heard) {
        const key = `${origin}${sender}`
        if (frames.size < MOST_FRAMES || frames.has(key)) frames.set(key, frame)
      }
    }
  }
}
