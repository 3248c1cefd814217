import { lingui } from '@lingui/vite-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Screens' words are .po files; the build and the tests read them alike.
  plugins: [lingui()],
  test: {
    include: ['{core,app,sync-server,testing,scripts,agent}/**/*.test.{ts,tsx}', 'bench/*/*.test.ts'],
    // Tests that start, kill and trace whole processes run in `npm test` (vitest.slow.config.ts).
    exclude: ['**/*.browser.test.{ts,tsx}', '**/*.slow.test.ts'],
    environment: 'node',
    // The seeded worlds are the longest: a bound that a slow two-core machine keeps, and a hang does not.
    // Seeded worlds take seconds each; a machine that stalls for a minute proves nothing about them.
    testTimeout: 120_000,
    hookTimeout: 30_000,
    // Nothing here keeps state in modules, so files of one worker may share them: loading each anew took 30 s of 70.
    isolate: false,
    // Half the machine by habit, and one worker where there are two cores.
    maxWorkers: '100%',
    restoreMocks: true,
    unstubGlobals: true
  }
})
