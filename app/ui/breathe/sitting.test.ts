import { expect, test } from 'vitest'
import { BUILT_IN_PATTERNS } from '#app/domain/breath/built-in.ts'
import type { Pattern } from '#app/domain/breath/pattern.ts'
import type { Checkpoint } from '#app/domain/practice/checkpoint.ts'
import type { RecordId } from '#app/domain/practice/record.ts'
import { DEFAULT_SETTINGS } from '#app/domain/settings/parse.ts'
import type { Command, Store } from '#app/store/face.ts'
import { createCell } from '#app/ui/parts/live.ts'
import { err, ok } from '#core/result.ts'
import { createSitting } from './sitting.ts'

/** Time that moves only when told, and runs what falls due on its way. */
const createTime = (startMs: number) => {
  let now = startMs
  let timers: { at: number; run: () => void }[] = []
  return {
    now: () => now,
    after: (ms: number, run: () => void) => {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((each) => each !== timer)
      }
    },
    pass: (ms: number) => {
      const end = now + ms
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        timers = timers.filter((each) => each !== next)
        now = Math.max(now, next.at)
        next.run()
      }
      now = end
    }
  }
}

const START = Date.UTC(2026, 10, 21, 8)
const calm = BUILT_IN_PATTERNS[0] as Pattern

const createDevice = (options: { kept?: Checkpoint | null; diskFull?: boolean; startMs?: number } = {}) => {
  const time = createTime(options.startMs ?? START)
  const commands: Command[] = []
  const disk = { checkpoint: options.kept ?? null }
  const store: Pick<Store, 'dispatch' | 'settings'> = {
    settings: createCell({ ...DEFAULT_SETTINGS, countIn: 3 }),
    dispatch: async (command) => {
      commands.push(command)
      return options.diskFull ? err({ kind: 'not-on-disk', reason: 'quota', undo: null }) : ok({ undo: null })
    }
  }
  const sitting = createSitting({
    store,
    clock: {
      now: time.now,
      mono: () => time.now() - START,
      moment: () => ({ utcMs: time.now(), zone: 'UTC', offsetMinutes: 0 })
    },
    newId: () => 'one' as RecordId,
    checkpoints: {
      load: async () => structuredClone(disk.checkpoint),
      keep: async (checkpoint) => {
        disk.checkpoint = structuredClone(checkpoint)
      }
    },
    after: time.after,
    senses: { follow: () => undefined }
  })
  return { sitting, time, commands, disk }
}

const settle = (): Promise<void> => new Promise((done) => setTimeout(done))

test('a practice counts in, breathes, ends on its exhale and is kept with what was said about it', async () => {
  const { sitting, time, commands, disk } = createDevice()
  sitting.begin(calm, { kind: 'cycles', cycles: 2 })
  expect(sitting.get().kind).toBe('count-in')
  time.pass(3_000)
  expect(sitting.get().kind).toBe('running')
  time.pass(20_000)
  expect(sitting.get()).toMatchObject({
    kind: 'reflecting',
    outcome: { practisedMs: 20_000, cycles: 2, ending: 'planned' }
  })
  sitting.say({ kind: 'draft', change: { line: 'Quiet.', after: 4 } })
  sitting.say({ kind: 'keep' })
  await settle()
  expect(commands).toMatchObject([
    { kind: 'keep-practice', record: { id: 'one', line: 'Quiet.', after: 4, day: '2026-11-21' } }
  ])
  expect(sitting.get().kind).toBe('idle')
  expect(disk.checkpoint).toBeNull()
})

test('finishing early waits for the exhale', () => {
  const { sitting, time } = createDevice()
  sitting.begin(calm, { kind: 'minutes', minutes: 5 })
  time.pass(3_000 + 12_000)
  sitting.say({ kind: 'finish', how: 'exhale' })
  expect(sitting.get().kind).toBe('running')
  time.pass(8_000)
  expect(sitting.get()).toMatchObject({ kind: 'reflecting', outcome: { practisedMs: 20_000, ending: 'early' } })
})

test('after a crash the practice is offered as far as it went, and goes on from the inhale', async () => {
  const before = createDevice()
  before.sitting.begin(calm, { kind: 'minutes', minutes: 5 })
  before.time.pass(3_000 + 47_000)
  const kept = before.disk.checkpoint
  expect(kept).not.toBeNull()

  const after = createDevice({ kept, startMs: START + 60_000 })
  await after.sitting.recover()
  expect(after.sitting.get().kind).toBe('paused')
  after.sitting.say({ kind: 'resume' })
  after.time.pass(3_000)
  expect(after.sitting.get().kind).toBe('running')
  after.sitting.say({ kind: 'finish', how: 'now' })
  const session = after.sitting.get()
  expect(session.kind === 'reflecting' && session.outcome.practisedMs).toBeGreaterThanOrEqual(44_000)
})

test('too late to go on: what was breathed is kept by itself', async () => {
  const before = createDevice()
  before.sitting.begin(calm, { kind: 'open' })
  before.time.pass(3_000 + 60_000)
  const after = createDevice({ kept: before.disk.checkpoint, startMs: START + 3 * 3_600_000 })
  await after.sitting.recover()
  await settle()
  expect(after.commands).toMatchObject([{ kind: 'keep-practice', record: { ending: 'interrupted' } }])
  expect(after.disk.checkpoint).toBeNull()
})

test('a record that found no room stays on the checkpoint, so that a reload keeps it after all', async () => {
  const { sitting, time, disk } = createDevice({ diskFull: true })
  sitting.begin(calm, { kind: 'cycles', cycles: 1 })
  time.pass(13_000)
  sitting.say({ kind: 'keep' })
  await settle()
  expect(disk.checkpoint?.session.kind).toBe('done')
})

test('discarding leaves nothing behind', () => {
  const { sitting, time, commands, disk } = createDevice()
  sitting.begin(calm, { kind: 'open' })
  time.pass(30_000)
  sitting.say({ kind: 'discard' })
  expect(sitting.get().kind).toBe('idle')
  expect(disk.checkpoint).toBeNull()
  expect(commands).toEqual([])
})
