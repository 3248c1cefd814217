import type { Merger, RoomPlace, UpdateLog } from '#server/rooms/open-ports.ts'
import type { Bus } from '#server/rooms/ports.ts'
import type { Gate } from '#testing/world/gate.ts'
import { isPoll } from '#testing/world/relay-host.ts'
import { throughGate } from '#testing/world/through-gate.ts'
import type { Flaw } from './flaws.ts'

/** A relay's process seen from outside: all that comes in passes its gate, so that it can stand still. And flaws of what lies between relays. */
export interface Process {
  readonly log: UpdateLog
  readonly merger: Merger
  readonly bus: Bus | undefined
  after(ms: number, run: () => void): () => void
}

export const createProcess = (options: {
  readonly gate: Gate
  readonly log: UpdateLog
  readonly merger: Merger
  readonly bus: Bus | undefined
  readonly flaw: Flaw | undefined
}): Process => {
  const { gate, bus, flaw } = options
  let isInPoll = false
  /** The newest seq of each room that this process knows of. */
  const known = new Map<string, RoomPlace>()
  const { log, bus: gatedBus } = throughGate(gate, options.log, bus)

  const know = (room: string, { seq, mark }: RoomPlace): void => {
    if (seq >= (known.get(room)?.seq ?? 0)) known.set(room, { seq, mark })
  }

  /** A relay that answers from what it knows. */
  const uncurious: UpdateLog = {
    ...log,
    async load(room) {
      const record = await log.load(room)
      if (record.ok && record.value.base !== undefined)
        know(room, { ...record.value.base, seq: record.value.base.upto })
      return record
    },
    async append(batch) {
      const answers = await log.append(batch)
      answers.forEach((answer, index) => {
        if (answer.ok) know(batch[index]?.room ?? '', answer.value)
      })
      return answers
    },
    async readAfter(...asked) {
      const rows = await log.readAfter(...asked)
      if (rows.ok) for (const row of rows.value) know(asked[0], row)
      return rows
    },
    heads: (rooms) =>
      isInPoll
        ? log.heads(rooms)
        : Promise.resolve({ ok: true, value: rooms.map((room) => known.get(room) ?? { seq: 0, mark: 0 }) })
  }

  const gated: Bus | undefined = gatedBus && {
    ...gatedBus,
    onGap: (run) => (flaw === 'never-polls' ? () => {} : gatedBus.onGap(run)),
    hears: () => flaw === 'never-polls' || flaw === 'answers-without-asking' || gatedBus.hears()
  }

  return {
    log: flaw === 'answers-without-asking' ? uncurious : log,
    merger: throughGate(gate, options.merger, undefined).log,
    bus: gated,
    after(ms, run) {
      if (flaw === 'never-polls' && isPoll(ms)) return () => {}
      return gate.setTimer(ms, () => {
        isInPoll = isPoll(ms)
        run()
        isInPoll = false
      })
    }
  }
}
