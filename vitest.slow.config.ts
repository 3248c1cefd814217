import { defineConfig } from 'vitest/config'

/** Whole processes started, killed and traced: one after the other, so that their load does not disturb them. */
export default defineConfig({
  test: {
    include: ['{core,app,sync-server,testing,scripts,agent}/**/*.slow.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000
  }
})
