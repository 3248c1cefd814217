import { defineConfig } from 'vitest/config'

const files = '{core,app,sync-server,testing,scripts,agent}/**/*.test.ts'

export default defineConfig({
  test: {
    include: [files],
    environment: 'node',
    // The seeded worlds are the longest: a bound that a slow two-core machine keeps, and a hang does not.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
  },
})
