import { expect, test } from 'vitest'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createHouse } from './devices.fixture.ts'
import { JOURNAL } from './notebook.fixture.ts'

test('[DV24] a relay that was never asked gets what another one has confirmed, also where the sealed bytes are gone', async () => {
  const house = createHouse(82)
  const alice = await house.device('alice')
  await alice.write('one', 'kept')
  await house.pass(10_000)
  await alice.runner.stop()
  // As after a snapshot.
  const author = await alice.log.author(JOURNAL)
  if (author.ok) await alice.log.dropSealed(JOURNAL, author.value.counter)
  // Another relay: nothing there, and nothing noted here about it.
  house.relay.restart(createMemoryDisk())
  alice.database.tables.get('shards')?.clear()
  await house.device('alice', { database: alice.database })
  await house.pass(60_000)
  const bob = await house.device('bob')
  await house.pass(60_000)
  expect(await bob.read()).toEqual({ one: 'kept' })
  expect(bob.facts().notices).toEqual([])
})
