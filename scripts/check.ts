import process from 'node:process'
import { runChecks } from './checks.ts'

const results = await runChecks()
process.exitCode = results.some((result) => result.failed > 0) ? 1 : 0
