import { expect, test } from 'vitest'
import type * as Y from 'yjs'
import { createMemoryLog } from '#app/log/memory.ts'
import type { OpenRoom, OpenRoomOptions, OpenRoomState } from '#app/sync/open-room.ts'
import { createCell } from '#app/ui/parts/live.ts'
import { answerState, FIELD_MAPS } from '#core/field.ts'
import { hourKey } from '#core/field-counts.ts'
import { createScheduler } from '#testing/scheduler.ts'
import { createFieldRoom } from './field-room.ts'

const NOON = Date.UTC(2026, 10, 21, 12)

interface Dialled {
  readonly relay: string
  readonly room: string
  readonly doc: Y.Doc
  readonly state: ReturnType<typeof createCell<OpenRoomState>>
  readonly said: unknown[]
  isClosed: boolean
  answer(ms: number): void
}

/** The field's room of one page, with relays that the test plays. */
const openPage = ({ startMs = NOON, shelf = createMemoryLog() } = {}) => {
  const scheduler = createScheduler()
  const dialled: Dialled[] = []
  let chosen: readonly string[] = ['wss://one.example']
  const room = createFieldRoom({
    shelf,
    relay: (present) => [present, chosen[0] ?? null].find((each) => each !== null && chosen.includes(each)) ?? null,
    now: () => startMs + scheduler.now(),
    offsetMinutes: () => 0,
    mono: () => scheduler.now(),
    setTimer: (ms, fire) => scheduler.after(ms, '', fire),
    newId: () => 'a-practice-of-this-page',
    claimed: { until: () => 0, keep() {} },
    openRoom({ relay, room: name, doc }: OpenRoomOptions): OpenRoom {
      let hear: (state: unknown) => void = () => {}
      const state = createCell<OpenRoomState>('connecting')
      const one: Dialled = {
        relay,
        room: name,
        doc: doc as Y.Doc,
        state,
        said: [],
        isClosed: false,
        answer: (ms) => hear(answerState(ms))
      }
      dialled.push(one)
      return {
        get: state.get,
        subscribe: state.subscribe,
        say: (said) => void one.said.push(said),
        onSaid: (given) => {
          hear = given
        },
        close: () => {
          one.isClosed = true
        }
      }
    }
  })
  const last = (name: string): Dialled => {
    const found = dialled.findLast((each) => each.room === name)
    if (found === undefined) throw new Error(`${name} was not asked for`)
    return found
  }
  return {
    room,
    shelf,
    dialled,
    last,
    choose: (relays: readonly string[]) => {
      chosen = relays
    },
    ms: () => startMs + scheduler.now(),
    run: (ms = 100) => {
      scheduler.after(0, '', () => {})
      return scheduler.runUntil(scheduler.now() + ms)
    },
    /** The relay lets it in and tells what it has counted. */
    live(name: string, people: number, ms: number) {
      const one = last(name)
      const second = Math.floor(ms / 5_000) * 5 - 5
      one.doc.getMap(FIELD_MAPS.now).set('run', [second, people, people, people])
      one.doc.getMap(FIELD_MAPS.hours).set(hourKey(Math.floor(ms / 3_600_000), 'run'), people * 60)
      one.state.set('connected')
      one.answer(ms)
      one.state.set('synced')
      return one
    }
  }
}

test('[FI10] what was known is kept, and shown with its time until the relay is there again', async () => {
  const first = openPage()
  expect(first.room.get()).toEqual({ link: 'connecting', counts: null, counted: false })
  first.room.look(true)
  await first.run()
  const one = first.live('field/2026-11', 3, first.ms())
  await first.run()
  expect(first.room.get()).toMatchObject({ link: 'live', counts: { people: { people: 3 } } })
  one.state.set('connecting')
  await first.run(60_000)
  expect(first.room.get()).toMatchObject({ link: 'away', counts: { people: { people: 3 } } })
  first.room.look(false)
  await first.run(20_000)
  expect(one.isClosed).toBe(true)

  const later = openPage({ startMs: NOON + 600_000, shelf: first.shelf })
  await later.run()
  later.room.look(true)
  await later.run(6_000)
  const { link, counts } = later.room.get()
  expect([link, counts?.people.people, counts?.asOfMs]).toEqual(['away', 3, NOON + 100])
  expect(counts?.hours.at(-1)?.peopleSeconds).toBe(180)

  const elsewhere = openPage({ shelf: first.shelf })
  elsewhere.choose(['wss://two.example'])
  elsewhere.room.look(true)
  await elsewhere.run(6_000)
  expect(elsewhere.room.get().counts).toBeNull()
})

test('[FI10] nothing was ever told: no number is shown', async () => {
  const { room, run, last } = openPage()
  room.look(true)
  await run(10_000)
  expect(room.get()).toEqual({ link: 'away', counts: null, counted: false })
  last('field/2026-11').state.set('refused')
  expect(room.get().link).toBe('refused')
})

test('[FI10] at the turn of a month the next document is opened, and the last one stays as the month before', async () => {
  const page = openPage({ startMs: Date.UTC(2026, 10, 30, 23, 59, 50) })
  page.room.look(true)
  await page.run()
  page.live('field/2026-11', 2, page.ms())
  await page.run(20_000)
  expect(page.last('field/2026-11').isClosed).toBe(true)
  page.live('field/2026-12', 1, page.ms())
  await page.run()
  const { counts } = page.room.get()
  expect(counts?.people.people).toBe(1)
  expect(counts?.hours.slice(-2).map(({ peopleSeconds }) => peopleSeconds)).toEqual([120, 60])
  // Asked for once more, to have it whole.
  expect(page.dialled.filter(({ room }) => room === 'field/2026-11')).toHaveLength(2)
})

test('[FI8] only who practises by choice says so; a relay that the person has left is left at once', async () => {
  const page = openPage()
  page.room.look(true)
  await page.run()
  const one = page.live('field/2026-11', 0, page.ms())
  expect(one.said).toEqual([{ field: 'when' }, null])
  page.room.practise(true)
  const second = Math.floor(page.ms() / 1_000)
  expect(one.said.at(-1)).toEqual({ field: { id: 'a-practice-of-this-page', from: second + 1, to: second + 11 } })
  expect(page.room.get().counted).toBe(false)
  await page.run(11_000)
  page.live('field/2026-11', 1, page.ms())
  expect(page.room.get().counted).toBe(true)
  page.room.practise(false)
  expect(one.said.at(-1)).toBeNull()

  page.choose([])
  page.room.look(true)
  expect([one.isClosed, page.room.get().link]).toEqual([true, 'no-relay'])
  page.choose(['wss://two.example'])
  page.room.look(true)
  expect(page.last('field/2026-11').relay).toBe('wss://two.example')
})
