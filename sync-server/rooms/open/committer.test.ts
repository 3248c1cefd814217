import { expect, test } from 'vitest'
import { type Client, openRig } from './open-rig.fixture.ts'

/** Clients of one room, all here. */
const roomOf = async (count: number) => {
  const rig = openRig()
  const clients = Array.from({ length: count }, () => rig.client('room'))
  await rig.run()
  return { rig, clients, reader: rig.client('room') }
}
const writeAll = (clients: readonly Client[]): void => {
  for (const client of clients) client.write('a')
}

test('a single update waits for company, a whole window and no longer', async () => {
  const { rig, clients, reader } = await roomOf(1)
  await rig.run()
  writeAll(clients)
  await rig.run(7)
  expect(reader.text()).toBe('')
  await rig.run(4)
  expect(reader.text()).toBe('a')
})

test('a burst is committed when it is over', async () => {
  const { rig, clients, reader } = await roomOf(8)
  await rig.run()
  writeAll(clients)
  await rig.run(5)
  expect(reader.text()).toBe('aaaaaaaa')
})

test('a burst as large as the last one waits for nobody', async () => {
  const { rig, clients, reader } = await roomOf(8)
  await rig.run()
  writeAll(clients)
  await rig.run(50)
  const rows = rig.relay.counters.committedRows
  writeAll(clients)
  await rig.run(0)
  expect(reader.text()).toHaveLength(16)
  expect(rig.relay.counters.committedRows - rows).toBe(1)
})

test('a burst that does not end is committed once a window', async () => {
  const { rig, clients, reader } = await roomOf(40)
  await rig.run()
  for (const [n, client] of clients.entries()) rig.scheduler.after(n / 2, '', () => client.write('a'))
  await rig.run(8)
  expect(reader.text()).toBe('')
  await rig.run(5)
  expect(reader.text().length).toBeGreaterThan(8)
  await rig.run(30)
  expect(reader.text()).toHaveLength(40)
})

test('as many one after the other are no burst: they wait for the company of those after them', async () => {
  const { rig, clients, reader } = await roomOf(4)
  await rig.run()
  const rows = rig.relay.counters.committedRows
  for (const [n, client] of clients.entries()) rig.scheduler.after(n * 2, '', () => client.write('a'))
  await rig.run(8)
  expect(reader.text()).toBe('')
  await rig.run(4)
  expect(reader.text()).toBe('aaaa')
  expect(rig.relay.counters.committedRows - rows).toBe(1)
})
