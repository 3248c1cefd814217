import type { RootId, ShardId } from '#core/ids.ts'
import type { Clock } from './relay-ports.ts'

/** Presence gathers for a moment, the newest of each sender, and goes out as one batch. Nothing of it is stored. */
export interface Presence<Sender> {
  say(sender: Sender, root: RootId, shard: ShardId, frame: Uint8Array): void
}

interface Gathering<Sender> {
  readonly root: RootId
  readonly shard: ShardId
  readonly frames: Map<Sender, Uint8Array>
}

/** 200 frames of the largest size still fit one relay frame. */
const FRAMES_PER_BATCH = 200

export const createPresence = <Sender>(
  clock: Clock,
  tickMs: number,
  listeners: (root: RootId, shard: ShardId) => readonly Sender[],
  tell: (listener: Sender, root: RootId, shard: ShardId, frames: readonly Uint8Array[]) => void
): Presence<Sender> => {
  const gatherings = new Map<string, Gathering<Sender>>()

  const flush = (): void => {
    const due = [...gatherings.values()]
    gatherings.clear()
    for (const { root, shard, frames } of due) {
      for (const listener of listeners(root, shard)) {
        const others = [...frames].filter(([sender]) => sender !== listener).map(([, frame]) => frame)
        for (let from = 0; from < others.length; from += FRAMES_PER_BATCH) {
          tell(listener, root, shard, others.slice(from, from + FRAMES_PER_BATCH))
        }
      }
    }
  }

  return {
    say(sender, root, shard, frame) {
      if (gatherings.size === 0) clock.after(tickMs, flush)
      const key = `${root}/${shard}`
      const gathering = gatherings.get(key) ?? { root, shard, frames: new Map() }
      gathering.frames.set(sender, frame)
      gatherings.set(key, gathering)
    }
  }
}
