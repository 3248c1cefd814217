import { expect, test } from 'vitest'
import { addCounts, type Counts } from '#testing/world/counts.ts'
import { seedsFrom } from '#testing/world/seeds.ts'
import { runMove } from './move.ts'

test('try', { timeout: 600000 }, async () => {
  const from = Number(process.env.FROM ?? 1),
    n = Number(process.env.N ?? 20)
  const all: Counts[] = []
  const bad: string[] = []
  for (const seed of seedsFrom(from, 1, from + n - 1)) {
    const t = performance.now()
    const o = await runMove({ seed })
    all.push(o.counts)
    console.log(seed, Math.round(performance.now() - t), 'ms', o.problems.join('; '))
    if (o.problems.length && process.env.STORY) console.log(o.trace.slice(-Number(process.env.STORY)).join('\n'))
    if (o.problems.length) bad.push(`${seed}: ${o.problems[0]}`)
  }
  console.log(addCounts(all))
  expect(bad).toEqual([])
})
