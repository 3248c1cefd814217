import { createHash } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { concatBytes } from '#core/bytes.ts'
import { contentOf } from './contents.ts'
import { isUpdate } from './registry.ts'
import { runWorld } from './run.ts'
import { reportOf, SEEDS } from './seeds.ts'
import { PATHS, type World } from './world.ts'

const LONG = { timeout: 120_000 }

test('[WO10] the same seed is the same world, byte for byte on the wire', LONG, async () => {
  const live = async (seed: number): Promise<string> => {
    const hash = createHash('sha256')
    const { trace } = await runWorld({ seed, overhear: (direction, bytes) => hash.update(direction).update(bytes) })
    return `${hash.digest('hex')}\n${trace.join('\n')}`
  }
  for (const seed of SEEDS > 100 ? [2, 7, 12] : [7]) expect(await live(seed)).toBe(await live(seed))
  expect(await live(3)).not.toBe(await live(5))
})

/** Everything the relay's disk holds, in one piece. */
const diskOf = (world: World): Uint8Array =>
  concatBytes(
    ...[...world.disk.bytes().roots.values()].flatMap(({ certificate, shards }) => [
      certificate ?? new Uint8Array(),
      ...[...shards.values()].flatMap(({ rows, snapshot, graves }) => [
        ...rows.map(({ bytes }) => bytes ?? new Uint8Array()),
        ...[snapshot, ...graves.map((grave) => grave.snapshot)].map((each) => each?.bytes ?? new Uint8Array())
      ])
    ])
  )

test(
  "[WO7] no frame and nothing on the relay's disk holds a written line in the clear, nor deflated",
  LONG,
  async () => {
    const frames: Uint8Array[] = []
    const worlds: World[] = []
    const overhear = (_: unknown, bytes: Uint8Array): unknown => frames.push(bytes)
    const outcome = await runWorld({ seed: 4, overhear, look: (world) => worlds.push(world) })
    expect(outcome.problems, reportOf(outcome)).toEqual([])
    const [world] = worlds
    if (!world) throw new Error('no world')
    const seen = Buffer.from(concatBytes(...frames, diskOf(world)))
    const bodies = world.registry
      .all()
      .filter(isUpdate)
      .map(({ body }) => body)
    const [device] = world.devices()
    const shown = await Promise.all(PATHS.map(async (path) => (device ? contentOf(await device.load(path)) : '')))

    // The lines were there to be found: on the device, and in what was sealed.
    expect(shown.join('')).toMatch(/life\d/)
    expect(bodies.some((body) => Buffer.from(body).includes('life'))).toBe(true)
    expect(seen.length).toBeGreaterThan(100_000)
    for (const words of ['life0 ', 'life1 ', 'records', 'note', ...PATHS, world.words.slice(0, 3).join(' ')]) {
      expect(seen.includes(words), words).toBe(false)
    }
    for (const body of bodies) {
      expect(seen.includes(Buffer.from(body.subarray(0, 24)))).toBe(false)
      expect(seen.includes(Buffer.from(deflateRawSync(body).subarray(0, 24)))).toBe(false)
    }
  }
)
