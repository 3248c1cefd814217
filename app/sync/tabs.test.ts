import { expect, test } from 'vitest'
import type { DocPath } from '#app/store/ports.ts'
import { createHouse, type TestDevice } from './devices.fixture.ts'
import { JOURNAL } from './notebook.fixture.ts'
import type { TabChannel } from './tabs.ts'
import { wire } from './wired.fixture.ts'

/** Tabs of one browser that hear each other, each behind the other's back. */
const createChannels = (count: number): readonly TabChannel[] => {
  const channels: TabChannel[] = []
  for (let i = 0; i < count; i++) {
    const channel: TabChannel = {
      onmessage: null,
      postMessage: (message) => {
        const data = structuredClone(message)
        for (const other of channels) if (other !== channel) queueMicrotask(() => other.onmessage?.({ data }))
      },
      close: () => {}
    }
    channels.push(channel)
  }
  return channels
}

const createLeadership = (leading: boolean) => {
  const listeners = new Set<() => void>()
  let state: 'waiting' | 'leading' = leading ? 'leading' : 'waiting'
  return {
    state: () => state,
    subscribe: (changed: () => void) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    become: (next: 'waiting' | 'leading') => {
      state = next
      for (const listener of listeners) listener()
    }
  }
}

const socketsOf = (house: ReturnType<typeof createHouse>): number =>
  house.sent.filter(({ frame }) => frame.type === 'open').length

test('[DV19] one tab talks, the other shows the same, and takes over when the first lets go', async () => {
  const house = createHouse(50)
  const first = await house.device('alice', { start: false })
  const second: TestDevice = await house.device('alice', { database: first.database, start: false })
  const channels = createChannels(2)
  const leads = [createLeadership(true), createLeadership(false)] as const
  const one = wire(first, { channel: channels[0], leadership: leads[0] })
  const two = wire(second, { channel: channels[1], leadership: leads[1] })
  await first.write('one', 'a quiet morning')
  await house.pass(15_000)
  expect(one.sync.get()).toMatchObject({ status: { kind: 'live', waiting: 0 }, spokenByAnotherTab: false })
  expect(two.sync.get()).toMatchObject({ status: { kind: 'live', waiting: 0 }, spokenByAnotherTab: true })
  expect(socketsOf(house)).toBe(1)
  await second.write('two', 'in the other tab')
  await house.pass(10)
  two.urgent()
  await house.pass(500)
  expect(one.sync.get().status).toMatchObject({ kind: 'live', waiting: 0 })
  leads[0].become('waiting')
  leads[1].become('leading')
  await second.write('three', 'after the change')
  await house.pass(15_000)
  expect(two.sync.get()).toMatchObject({ status: { kind: 'live', waiting: 0 }, spokenByAnotherTab: false })
  expect(one.sync.get()).toMatchObject({ spokenByAnotherTab: true })
  const other = await house.device('bob')
  await house.pass(10_000)
  expect(Object.keys(await other.read()).sort()).toEqual(['one', 'three', 'two'])
})

test('[LG5] what a leader wrote and died before it said so is heard from the next', async () => {
  const house = createHouse(53)
  const first = await house.device('alice', { start: false })
  const second = await house.device('alice', { database: first.database, start: false })
  const next = createLeadership(false)
  wire(first, { report: () => {} })
  wire(second, { leadership: next })
  const bob = await house.device('bob')
  await first.write('one', 'a quiet morning')
  await house.pass(15_000)
  const heard: DocPath[] = []
  second.log.subscribe((doc) => heard.push(doc))
  first.setFate((mode) => (mode === 'write' ? 'crash-after' : 'proceed'))
  await bob.write('two', 'from afar')
  await house.pass(15_000)
  expect(Object.keys(await second.read()).sort()).toEqual(['one', 'two'])
  expect(heard).toEqual([])
  next.become('leading')
  await house.pass(1_000)
  expect(heard).toContain(JOURNAL)
})

test('[DV19] two leaders at once are harmless', async () => {
  const house = createHouse(51)
  const first = await house.device('alice')
  const second = await house.device('alice', { database: first.database })
  for (let i = 0; i < 6; i++) {
    await (i % 2 === 0 ? first : second).write(`${i}`, `line ${i}`)
    first.runner.urgent()
    second.runner.urgent()
    await house.pass(i * 30)
  }
  await house.pass(60_000)
  for (const tab of [first, second]) expect(tab.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
  const rows = [...house.relay.disk.roots.values()].flatMap((root) =>
    [...root.shards.values()].flatMap((shard) => shard.rows)
  )
  expect(rows.length).toBeLessThanOrEqual(7)
  const bob = await house.device('bob')
  await house.pass(10_000)
  expect(Object.keys(await bob.read()).length).toBe(6)
  expect(bob.facts().notices).toEqual([])
})

test('[DV19] nothing is said to a relay before there is something to keep, and no keys are made', async () => {
  const house = createHouse(52)
  const alice = await house.device('alice', { start: false })
  let asked = 0
  const { sync } = wire(alice, {
    vault: async () => {
      asked += 1
      return alice.vault
    }
  })
  await house.pass(10_000)
  expect(sync.get().status).toEqual({ kind: 'off', why: 'nothing-kept-yet' })
  expect(asked).toBe(0)
  expect(socketsOf(house)).toBe(0)
  await alice.write('one', 'the first')
  await house.pass(15_000)
  expect(sync.get().status).toMatchObject({ kind: 'live', waiting: 0 })
  await sync.removeRelay('relay.test')
  await house.pass(1_000)
  expect(sync.get().status).toEqual({ kind: 'off', why: 'no-relay' })
})
