import { expect, test } from 'vitest'
import { checkpointOf, parseCheckpoint, recover } from '#app/domain/practice/checkpoint.ts'
import { IDLE, onSessionEvent } from '#app/domain/practice/session.ts'
import { setupOf } from '#app/domain/practice/setup.fixture.ts'
import { createMemoryLog } from '#app/log/memory.ts'
import { createCheckpointShelf } from './checkpoint-shelf.ts'

const checkpoint = checkpointOf(
  onSessionEvent(IDLE, { kind: 'begin', setup: setupOf('4-6', { kind: 'open' }), nowMs: 0 }),
  47_000
)

test('[BR18] a checkpoint outlives its tab and is gone once it ended', async () => {
  const log = createMemoryLog()
  await createCheckpointShelf(log, async () => false).keep(checkpoint)
  const later = createCheckpointShelf(createMemoryLog({ database: log.database }), async () => false)
  expect(recover(parseCheckpoint(await later.load()), 50_000)).toMatchObject({
    kind: 'offer',
    asFar: { practisedMs: 47_000 }
  })
  void later.keep(checkpoint)
  await later.keep(null)
  expect(await later.load()).toBeNull()
})

test('[BR18] while another tab breathes nothing was cut short, and a full disk stops no breath', async () => {
  const log = createMemoryLog()
  await createCheckpointShelf(log, async () => false).keep(checkpoint)
  expect(await createCheckpointShelf(log, async () => true).load()).toBeNull()
  const full = createCheckpointShelf(createMemoryLog({ fate: () => 'quota' }), async () => false)
  await full.keep(checkpoint)
  expect(await full.load()).toBeNull()
})
