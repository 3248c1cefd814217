import { test } from 'vitest'
import { runFieldWorld } from './run-field-world.ts'

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1)

test.each(SEEDS)('[FI1] [FI2] [FI3] [FI4] more worlds: sums over relays are a direct count (seed %i)', (seed) =>
  runFieldWorld(seed)
)
