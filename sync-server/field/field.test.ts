import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { CLAIM_SECONDS, FIELD_MAPS, type FieldReport, fieldMonthAt, fieldRoom, reportState } from '#core/field.ts'
import { addHours, parseNowPartial, peopleNow } from '#core/field-counts.ts'
import { EPOCH, openRig, type Rig } from '#server/rooms/open/open-rig.fixture.ts'
import { kindsOf } from '#server/rooms/open/test-socket.fixture.ts'
import type { Clock } from '#server/rooms/relay-ports.ts'
import { createScheduler } from '#testing/scheduler.ts'
import { createField } from './field.ts'
import type { Field } from './ports.ts'

const JANUARY = 31 * 86_400_000

interface Scene {
  readonly rig: Rig
  readonly field: Field
  readonly room: string
  second(): number
  /** A stock client that is counted, or only looks. */
  come(said?: FieldReport, address?: string): ReturnType<Rig['client']>
  claim(id: string, from?: number): FieldReport
  people(): Promise<number | undefined>
  /** What everybody reads from the document. */
  shown(): Promise<number>
  /** The relay starts anew. */
  restart(): void
  /** Timers that the field has asked for so far. */
  timers(): number
}

/** @param startMs after the beginning of January 2026 */
const openScene = ({ startMs = 3_600_000, mostPerAddress = 10 } = {}): Scene => {
  const scheduler = createScheduler()
  const clock: Clock = {
    now: () => EPOCH + startMs + scheduler.now(),
    after(ms, run) {
      timers++
      return scheduler.after(ms, '', run)
    }
  }
  let timers = 0
  let drawn = 0
  const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(++drawn)
  const rig = openRig({ scheduler, onReport: (report) => field.report(report) })
  const start = (): Field =>
    createField({ clock, random, enter: (socket, name) => rig.relay.enterInside(socket, name), mostPerAddress })
  let field = start()
  const second = (): number => Math.floor(clock.now() / 1_000)
  const room = fieldRoom(fieldMonthAt((EPOCH + startMs) / 1_000))
  return {
    rig,
    get field() {
      return field
    },
    room,
    second,
    come(said, address = '127.0.0.1') {
      const client = rig.client(room, { address })
      if (said !== undefined) client.awareness.setLocalState(reportState(said))
      return client
    },
    claim: (id, from = second() + 1) => ({ id: id.padEnd(22, '-'), from, to: from + CLAIM_SECONDS }),
    async people() {
      const asked = field.summary()
      await rig.run(100)
      return (await asked)?.peopleNow
    },
    async shown() {
      const reader = rig.client(room)
      await rig.run(100)
      const partials = [...reader.doc.getMap(FIELD_MAPS.now).values()].flatMap((value) => parseNowPartial(value) ?? [])
      return peopleNow(partials, second()).people
    },
    restart() {
      field.stop()
      field = start()
    },
    timers: () => timers
  }
}

const hoursIn = (doc: Y.Doc): Map<string, number> => new Map(doc.getMap(FIELD_MAPS.hours).entries() as never)

test('[FI6] who practises is told to nobody: the relay answers with its time, and others see a number', async () => {
  const { rig, come, claim, people, second } = openScene()
  const watcher = come()
  const asker = come('when')
  const alice = come(claim('alice'))
  await rig.run(9_000)
  expect([...watcher.awareness.getStates().keys()]).toEqual([])
  for (const told of [asker, alice]) {
    const others = [...told.awareness.getStates()].filter(([client]) => client !== told.doc.clientID)
    expect(others.map(([, state]) => Object.keys(state))).toEqual([['field']])
  }
  expect(kindsOf(watcher.socket)).not.toContain('awareness')
  expect(await people()).toBe(1)
  const told = JSON.stringify(watcher.doc.toJSON()) + JSON.stringify(await rig.log.readAfter('x' as never, 0, 1))
  expect(told).not.toContain('alice')
  expect(second()).toBeGreaterThan(0)
})

test('[FI3] who stops saying so is counted until the claim ends, and no longer', async () => {
  const { rig, come, claim, people } = openScene()
  come(claim('alice')).handle.closed()
  await rig.run(9_000)
  expect(await people()).toBe(0)
  const bob = come(claim('bob'))
  await rig.run(9_500)
  expect(await people()).toBe(1)
  bob.handle.closed()
  await rig.run(12_000)
  expect(await people()).toBe(0)
})

test('[FI3] a relay that ends in order counts nobody from then on', async () => {
  const { rig, come, claim, shown, field } = openScene()
  come(claim('alice'))
  await rig.run(9_000)
  expect(await shown()).toBe(1)
  field.stop()
  // What was counted stays true for its second; the next ones are published without anybody.
  await rig.run(9_000)
  expect(await shown()).toBe(0)
})

test('[FI4] what a run that ended told of its last seconds is cleared away by another', async () => {
  const { rig, room, come, claim, restart } = openScene()
  const alice = come(claim('alice'))
  await rig.run(8_000)
  restart()
  const told = async (): Promise<number> => {
    const reader = rig.client(room)
    await rig.run(100)
    return reader.doc.getMap(FIELD_MAPS.now).size
  }
  const practise = async (seconds: number): Promise<void> => {
    for (let n = 0; n < seconds; n += 10) {
      alice.awareness.setLocalState(reportState(claim('alice')))
      await rig.run(10_000)
    }
  }
  await practise(30)
  expect(await told()).toBe(2)
  await practise(360)
  expect(await told()).toBe(1)
})

test('[FI5] an address speaks for others once the claims of those before have ended', async () => {
  const { rig, come, claim, people } = openScene({ mostPerAddress: 1 })
  come(claim('one'))
  await rig.run(9_000)
  expect(await people()).toBe(1)
  come(claim('early'))
  await rig.run(9_000)
  expect(await people()).toBe(0)
  await rig.run(20_000)
  come(claim('two'))
  await rig.run(9_000)
  expect(await people()).toBe(1)
})

test('[FI5] a socket speaks for one person, an address for so many, and neither for seconds far ahead', async () => {
  const { rig, come, claim, people, second } = openScene({ mostPerAddress: 2 })
  const greedy = come(claim('one'))
  await rig.run(50)
  greedy.awareness.setLocalState(reportState(claim('two')))
  await rig.run(8_000)
  expect(await people()).toBe(1)
  for (const name of ['three', 'four', 'five']) come(claim(name), 'elsewhere')
  come(claim('six', second() + 40), 'a third')
  await rig.run(11_000)
  expect(await people()).toBe(2)
})

test('[FI7] a document is written by relays only, under names that no other run uses', async () => {
  const { rig, room, come, claim } = openScene()
  const alice = come(claim('alice'))
  await rig.run(8_000)
  alice.doc.getMap(FIELD_MAPS.now).set('forged', [0, 1_000])
  await rig.run(1_000)
  expect(kindsOf(alice.socket)).toContain('auth')
  const reader = rig.client(room)
  await rig.run(200)
  expect([...reader.doc.getMap(FIELD_MAPS.now).keys()]).toHaveLength(1)
})

test('[FI4] at the turn of a month each second goes into its own month', async () => {
  const { rig, come, claim, field, second, people } = openScene({ startMs: JANUARY - 30_000 })
  const alice = come()
  for (let n = 0; n < 8; n++) {
    alice.awareness.setLocalState(reportState(claim('alice', second() + 1)))
    await rig.run(10_000)
  }
  expect(await people()).toBe(1)
  field.stop()
  await rig.run(200)
  const [january, february] = ['2026-01', '2026-02'].map((month) => rig.client(`field/${month}`))
  await rig.run(200)
  const sums = [january, february].map((month) => [...addHours(hoursIn(month?.doc as Y.Doc).entries())])
  const hour = (EPOCH + JANUARY) / 3_600_000
  expect(sums.map((each) => each.map(([at]) => at))).toEqual([[hour - 1], [hour]])
  expect(sums[0]?.[0]?.[1]).toBeGreaterThan(20)
  expect(sums[1]?.[0]?.[1]).toBeGreaterThan(40)
  expect(january?.doc.getMap(FIELD_MAPS.now).size).toBe(0)
})

test('[FI12] while nobody is there, no room is open and nothing runs', async () => {
  const { rig, come, claim, people, timers } = openScene()
  const alice = come(claim('alice'))
  await rig.run(5_000)
  alice.leave()
  await rig.run(200_000)
  expect(rig.relay.counters.rooms).toBe(0)
  const before = timers()
  await rig.run(200_000)
  expect(timers()).toBe(before)
  expect(await people()).toBe(0)
  await rig.run(200_000)
  expect(rig.relay.counters.rooms).toBe(0)
})

test('[FI12] an hour of practice leaves a small document, however often it was written', async () => {
  const { rig, room, come, claim, second } = openScene()
  const alice = come()
  for (let n = 0; n < 360; n++) {
    alice.awareness.setLocalState(reportState(claim('alice', second() + 1)))
    await rig.run(10_000)
  }
  const reader = rig.client(room)
  await rig.run(200)
  expect(Math.max(...hoursIn(reader.doc).values())).toBeGreaterThan(3_000)
  expect(Y.encodeStateAsUpdate(reader.doc).byteLength).toBeLessThan(600)
})

test('[FI9] the last sums of a relay that ends in order are kept', async () => {
  const { rig, room, come, claim, field } = openScene()
  come(claim('alice'))
  await rig.run(8_500)
  field.stop()
  await rig.run(100)
  const reader = rig.client(room)
  await rig.run(200)
  expect([...hoursIn(reader.doc).values()]).toEqual([7])
  expect(await field.summary()).toBeUndefined()
})
