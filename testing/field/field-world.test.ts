import { test } from 'vitest'
import { runFieldWorld } from './run-field-world.ts'

test.each([6])(
  '[FI1] [FI2] [FI3] [FI4] sums over relays are a direct count, with losses, repeats, moves and deaths (seed %i)',
  (seed) => runFieldWorld(seed)
)
