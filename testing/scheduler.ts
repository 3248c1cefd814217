/**
 * Virtual time. Events run one at a time in order of their moment, then of their making; before the next one, everything
 * the last one set in motion has come to rest. So a world is a function of its seed, whatever the machine does.
 */
export interface Scheduler {
  /** Milliseconds since the world began. */
  now(): number
  /** @returns cancels it if it has not run. */
  after(ms: number, name: string, run: () => unknown): () => void
  /** Work that does not end in microtasks (a thread pool): the next event waits for it. */
  track<Value>(work: Promise<Value>): Promise<Value>
  /** Runs all events up to `until`, and moves the clock there. */
  runUntil(until: number): Promise<void>
  /** Runs events until `done` says so or `until` is reached. @returns whether `done`. */
  runWhile(waiting: () => boolean, until: number): Promise<boolean>
  /** Called after each event came to rest. */
  onRest(look: () => unknown): void
  /** The last events, oldest first: what a failure prints. */
  trace(): readonly string[]
  /** Adds a line to the trace. */
  note(text: string): void
}

interface Event {
  readonly at: number
  readonly order: number
  readonly name: string
  readonly run: () => unknown
}

const TRACE_LENGTH = 400

const comesBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A binary heap: a world holds thousands of timers. */
const createQueue = () => {
  const heap: Event[] = []
  const at = (i: number): Event => heap[i] as Event
  const swap = (i: number, j: number): void => {
    const held = at(i)
    heap[i] = at(j)
    heap[j] = held
  }
  return {
    peek: (): Event | undefined => heap[0],
    push: (event: Event): void => {
      heap.push(event)
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1
        if (!comesBefore(at(i), at(parent))) return
        swap(i, parent)
        i = parent
      }
    },
    pop: (): Event | undefined => {
      const first = heap[0]
      const last = heap.pop()
      if (first === undefined || last === undefined || heap.length === 0) return first
      heap[0] = last
      for (let i = 0; ; ) {
        let least = i
        for (const child of [2 * i + 1, 2 * i + 2]) {
          if (child < heap.length && comesBefore(at(child), at(least))) least = child
        }
        if (least === i) return first
        swap(i, least)
        i = least
      }
    }
  }
}

export const createScheduler = (): Scheduler => {
  const queue = createQueue()
  const cancelled = new Set<number>()
  const inFlight = new Set<Promise<unknown>>()
  const lines: string[] = []
  let looks: (() => unknown)[] = []
  let now = 0
  let made = 0

  const note = (text: string): void => {
    lines.push(`${String(Math.round(now)).padStart(8)} ${text}`)
    if (lines.length > 2 * TRACE_LENGTH) lines.splice(0, TRACE_LENGTH)
  }

  const macrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  const rest = async (): Promise<void> => {
    await macrotask()
    while (inFlight.size > 0) {
      await Promise.allSettled([...inFlight])
      await macrotask()
    }
  }

  const step = async (event: Event): Promise<void> => {
    now = Math.max(now, event.at)
    if (cancelled.delete(event.order)) return
    if (event.name !== '') note(event.name)
    event.run()
    await rest()
    for (const look of looks) await look()
  }

  return {
    now: () => now,
    after: (ms, name, run) => {
      const order = made++
      queue.push({ at: now + Math.max(0, ms), order, name, run })
      let spent = false
      return () => {
        if (!spent) cancelled.add(order)
        spent = true
      }
    },
    track: (work) => {
      const watched = work.finally(() => inFlight.delete(watched))
      inFlight.add(watched)
      watched.catch(() => undefined)
      return work
    },
    runUntil: async (until) => {
      for (let event = queue.peek(); event !== undefined && event.at <= until; event = queue.peek()) {
        queue.pop()
        await step(event)
      }
      now = Math.max(now, until)
    },
    runWhile: async (waiting, until) => {
      while (waiting()) {
        const event = queue.peek()
        if (event === undefined || event.at > until) return false
        queue.pop()
        await step(event)
      }
      return true
    },
    onRest: (look) => {
      looks = [...looks, look]
    },
    trace: () => lines.slice(-TRACE_LENGTH),
    note
  }
}
