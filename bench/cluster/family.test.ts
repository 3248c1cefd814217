import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { expect, test } from 'vitest'
import { familySeconds } from './family.ts'

test('what children spent counts, also when they have ended', () => {
  const before = familySeconds(process.pid)
  const burn = 'const end = performance.now() + 300; while (performance.now() < end);'
  const child = spawnSync(process.execPath, ['-e', `${burn} process.stdout.write(String(process.cpuUsage().user))`])
  const spent = Number(child.stdout.toString()) / 1e6
  expect(spent).toBeGreaterThan(0)
  // The ended are counted in ticks of 10 ms.
  expect(familySeconds(process.pid) - before).toBeGreaterThan(spent - 0.02)
})
