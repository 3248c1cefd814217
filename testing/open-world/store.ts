import { err, type Result } from '#core/result.ts'
import { createInlineMerger } from '#server/merge/merge-calls.ts'
import type { Base, Merger, OpenStoreFailure, UpdateLog } from '#server/rooms/open-ports.ts'
import type { DiskRoom, MemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createMemoryUpdateLog } from '#server/storage/memory/memory-update-log.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Count } from '#testing/world/counts.ts'
import type { Flaw } from './flaws.ts'
import type { Weather } from './weather.ts'

export interface StoreOptions {
  readonly disk: MemoryRoomDisk
  readonly scheduler: Scheduler
  readonly random: Random
  readonly weather: () => Weather
  readonly count: Count
  readonly flaw: Flaw | undefined
  /** The process dies. */
  readonly kill: (why: string) => void
  readonly isDead: () => boolean
}

/** There are few of them in a world, and they must fail at times. */
const LOADS_FAIL = 8

const never = (): Promise<never> => new Promise(() => undefined)

type Answer<Value> = Result<Value, OpenStoreFailure>

const FAILED = err({ kind: 'store', reason: 'the disk failed' } as const)
const EMPTY = { head: 0, base: undefined, tailBytes: 0, tailRows: 0 }

const without = (room: DiskRoom | undefined): DiskRoom | undefined => room && { ...room, rows: [] }

/** The store as a process sees it: slow, failing now and then, and the process may die at every step of it. */
export const createStore = (options: StoreOptions): UpdateLog => {
  const { disk, scheduler, random, weather, count, flaw, kill, isDead } = options
  const chance = (probability: number): boolean => random.chance(probability)

  const dies = (where: string): boolean => {
    if (isDead()) return true
    if (!chance(weather().disk.killChance)) return false
    kill(where)
    return true
  }

  const inner = createMemoryUpdateLog({
    disk,
    roomBytes: 1e9,
    partBytes: 300,
    isCut: (step) => dies(`at ${step}`)
  })

  const wait = (): Promise<void> => {
    const { from, to } = weather().disk.waitMs
    return new Promise((resolve) => scheduler.after(random.between(from, to), '', resolve))
  }

  const ask = async <Value>(name: string, run: () => Promise<Answer<Value>>, more = 1): Promise<Answer<Value>> => {
    await wait()
    if (isDead()) return never()
    if (chance(more * weather().disk.failChance)) {
      count(`store failed ${name}`)
      if (chance(0.3)) throw new Error('the disk failed')
      return FAILED
    }
    const answer = await run()
    if (isDead()) return never()
    if (answer.ok) count(`store ${name}`)
    else count(`store ${name} ${answer.error.kind}`)
    if (chance(0.5)) await wait()
    return isDead() ? never() : answer
  }

  const append: UpdateLog['append'] = async (batch) => {
    await wait()
    if (isDead()) return never()
    if (chance(weather().disk.failChance)) {
      count('store failed append')
      if (chance(0.3)) throw new Error('the disk failed')
      return batch.map(() => FAILED)
    }
    const answers = await inner.append(batch)
    count('store append')
    if (dies('after append')) return never()
    await wait()
    if (isDead()) return never()
    // It is durable, but the answer was lost.
    if (chance(weather().disk.failChance / 4)) {
      count('store answer lost')
      return batch.map(() => FAILED)
    }
    return answers
  }

  /** Answers at once what the store would answer later. */
  const appendUnsaved: UpdateLog['append'] = async (batch) => {
    const heads = new Map<string, number>()
    const answers = batch.map(({ room }) => {
      const seq = (heads.get(room) ?? disk.rooms.get(room)?.head ?? 0) + 1
      heads.set(room, seq)
      return { ok: true as const, value: { seq, mark: 0, before: 0 } }
    })
    void wait().then(() => (isDead() ? undefined : inner.append(batch)))
    return answers
  }

  const damaged = (base: Base): Base => {
    if (!chance(weather().merger.faultChance)) return base
    count('base damaged on the way to the disk')
    return { ...base, bytes: new Uint8Array([0, 0]) }
  }
  const given = new Map<string, Uint8Array>()

  return {
    load: async (room) => {
      if (flaw !== 'load-failure-as-empty') return ask('load', () => inner.load(room), LOADS_FAIL)
      const answer = await ask('load', () => inner.load(room), LOADS_FAIL).catch(() => FAILED)
      return answer.ok ? answer : { ok: true, value: EMPTY }
    },
    heads: (rooms) => ask('heads', () => inner.heads(rooms)),
    append: flaw === 'fan-out-before-durable' ? appendUnsaved : append,
    readAfter: (...asked) => ask('readAfter', () => inner.readAfter(...asked)),
    readBase: (room, upto) =>
      ask('readBase', async () => {
        const told = given.get(`${upto} ${room}`)
        if (flaw === 'adopt-without-compare' && told !== undefined) return { ok: true, value: told }
        return inner.readBase(room, upto)
      }),
    stage: (room, base, mark) =>
      ask('stage', () => {
        given.set(`${base.upto} ${room}`, base.bytes)
        return inner.stage(room, damaged(base), mark)
      }),
    adopt: async (...asked) => {
      const adopted = await ask('adopt', () => inner.adopt(...asked))
      if (dies('after adopt')) return never()
      const [room] = asked
      const after = without(disk.rooms.get(room))
      if (flaw === 'compaction-drops-newer-rows' && adopted.ok && after !== undefined) disk.rooms.set(room, after)
      return adopted
    }
  }
}

/** The other thread: slow, dying now and then, and at times building a base that lacks something, which nobody must adopt. */
export const createMergerIn = (options: StoreOptions): Merger => {
  const { scheduler, random, weather, count, isDead } = options
  const inner = createInlineMerger()
  const ask = async <Value>(run: () => Promise<Value>): Promise<Value> => {
    await new Promise<void>((resolve) => scheduler.after(random.between(0, weather().merger.waitMs), '', resolve))
    if (isDead()) return never()
    if (random.chance(weather().merger.failChance)) {
      count('merger failed')
      throw new Error('the merger has stopped')
    }
    const value = await run()
    return isDead() ? never() : value
  }
  return {
    inspect: (update) => ask(() => inner.inspect(update)),
    merge: (updates) => ask(() => inner.merge(updates)),
    diff: (update, stateVector) => ask(() => inner.diff(update, stateVector)),
    rebuild: (base, rows) =>
      ask(async () => {
        const last = rows.at(-1)
        if (last === undefined || rows.length < 2 || !random.chance(weather().merger.faultChance))
          return inner.rebuild(base, rows)
        count('base built without a row')
        const lost = random.below(rows.length - 1)
        const made = await inner.rebuild(
          base,
          rows.filter((_, index) => index !== lost)
        )
        return made.ok ? { ...made, value: { ...made.value, upto: last.seq } } : made
      }),
    close: inner.close
  }
}
