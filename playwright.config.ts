import process from 'node:process'
import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  // Two cores: more workers would make each other late.
  workers: 2,
  fullyParallel: true,
  // At one's own desk a test that passes the second time is a test that fails. In CI the whole browser suite is not thrown away for one
  // late machine: the second try is named in the output, and a name that comes back is a fault to be found.
  retries: process.env.CI ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: [['list']]
})
