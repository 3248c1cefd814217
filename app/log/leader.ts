/**
 * One tab of a profile talks to the network. Which one is a convenience, not a safety matter: counters and sealed bytes are
 * taken in one transaction of the log, so two leaders for a while do nothing twice.
 */

/** What is used of navigator.locks. */
export interface Locks {
  request(
    name: string,
    options: { readonly steal: true } | { readonly signal: AbortSignal },
    held: () => Promise<void> | undefined
  ): Promise<unknown>
}

/** What is used of a BroadcastChannel: it brings messages to the other tabs, not to its own. */
export interface BeatChannel {
  postMessage(message: unknown): void
  onmessage: ((event: MessageEvent) => void) | null
  close(): void
}

export interface LeaderClock {
  /** Monotonic ms. */
  mono(): number
  /** @returns what cancels it. */
  setTimer(ms: number, fire: () => void): () => void
}

export interface LeadershipPorts {
  /** Carries the profile's id, as the database's does. */
  readonly name: string
  /** Undefined where the page has none (not a secure context): this tab then leads, and so does every other. */
  readonly locks: Locks | undefined
  /** Closed with the leadership. */
  readonly channel: BeatChannel
  readonly clock: LeaderClock
  /** Whether the person sees this tab: only such a tab takes over from a silent one. */
  readonly visible: () => boolean
}

export type LeaderState = 'waiting' | 'leading' | 'closed'

export interface Leadership {
  state(): LeaderState
  subscribe(changed: (state: LeaderState) => void): () => void
  /** Lets go of the lead and waits behind the other tabs. Where there is no other, it leads again at once. */
  resign(): void
  close(): void
}

export const BEAT_MS = 2_000
/** A browser freezes hidden tabs and slows their timers to one a minute: such a leader is silent, and is followed. */
export const SILENCE_MS = 10_000

export const createLeadership = ({ name, locks, channel, clock, visible }: LeadershipPorts): Leadership => {
  let state: LeaderState = 'waiting'
  const listeners = new Set<(state: LeaderState) => void>()
  const become = (next: LeaderState) => {
    if (state === next || state === 'closed') return
    state = next
    for (const listener of [...listeners]) listener(next)
  }
  const beat = () => channel.postMessage({ beat: true })
  const claim = createClaim(locks, name, (held) => {
    become(held ? 'leading' : 'waiting')
    if (state === 'leading') beat()
  })

  let lastHeard = clock.mono()
  let lastTick = lastHeard
  const watch = () => {
    const now = clock.mono()
    // This tab slept itself: the beats it missed say nothing about the leader.
    if (now - lastTick > 2 * BEAT_MS) lastHeard = now
    lastTick = now
    if (state === 'leading') {
      lastHeard = now
      beat()
    } else if (visible() && now - lastHeard >= SILENCE_MS) {
      lastHeard = now
      claim.steal()
    } else claim.queue()
    cancelTick = clock.setTimer(BEAT_MS, watch)
  }
  let cancelTick = clock.setTimer(BEAT_MS, watch)
  channel.onmessage = () => {
    lastHeard = clock.mono()
  }
  claim.queue()

  return {
    state: () => state,
    subscribe: (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    resign: () => {
      if (state === 'leading') claim.release()
    },
    close: () => {
      become('closed')
      listeners.clear()
      cancelTick()
      claim.close()
      channel.onmessage = null
      channel.close()
    }
  }
}

interface Claim {
  /** Waits for the lock, unless it waits or holds already. */
  queue(): void
  /** Takes the lock from whoever holds it. */
  steal(): void
  /** Gives the lock back and waits for it again, behind the others. */
  release(): void
  close(): void
}

const createClaim = (locks: Locks | undefined, name: string, changed: (held: boolean) => void): Claim => {
  /** The request under way; its end frees the place for the next. */
  let current: { readonly abandon: () => void; readonly release: () => void } | undefined
  let closed = false

  const request = (how: 'queue' | 'steal') => {
    const abandoned = new AbortController()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const mine = { abandon: () => abandoned.abort(), release }
    const isMine = () => current === mine
    current = mine
    const ended = (again: boolean) => {
      if (!isMine()) return
      current = undefined
      changed(false)
      if (again && !closed) request('queue')
    }
    const granted = () => {
      if (!isMine() || closed) return undefined
      changed(true)
      return released
    }
    if (locks === undefined) return changed(true)
    const options = how === 'steal' ? ({ steal: true } as const) : { signal: abandoned.signal }
    // Rejected when another tab stole the lock, or the page may not have it: the next tick tries again.
    locks.request(name, options, granted).then(
      () => ended(true),
      () => ended(false)
    )
  }

  return {
    queue: () => {
      if (current === undefined && !closed) request('queue')
    },
    steal: () => {
      current?.abandon()
      request('steal')
    },
    release: () => current?.release(),
    close: () => {
      closed = true
      current?.abandon()
      current?.release()
    }
  }
}
