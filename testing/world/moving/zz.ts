import { runMove } from './move.ts'

const seed = Number(process.argv[2])
const n = Number(process.argv[3] ?? 1)
let bad = 0
const all = new Map<string, number>()
for (let s = seed; s < seed + n; s++) {
  const t = performance.now()
  const o = await runMove({ seed: s })
  for (const [k, v] of o.counts) all.set(k, (all.get(k) ?? 0) + v)
  if (o.problems.length) {
    bad++
    console.log(s, Math.round(performance.now() - t), 'ms', o.problems.slice(0, 3).join('; '))
  }
  if (n === 1) {
    console.log(o.trace.join('\n'))
    console.log(Math.round(performance.now() - t))
  }
}
console.log(Object.fromEntries([...all].sort()), bad, 'of', n)
