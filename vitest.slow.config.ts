import { defineConfig } from 'vitest/config'

/** What needs real processes, tools of the machine and time: part of `npm test`, not of `npm run check`. */
export default defineConfig({
  test: {
    include: ['{core,app,sync-server,testing,agent}/**/*.slow.test.ts'],
    environment: 'node',
    testTimeout: 180_000,
    hookTimeout: 60_000,
    // One after the other: they kill processes and count what the disk did.
    fileParallelism: false
  }
})
