import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { buildApp } from './build-app.ts'
import { leaveWithNpm } from './npm-parent.ts'

const root = resolve(import.meta.dirname, '..')

const outcome = await buildApp({ onlyIfChanged: true })
if (outcome === 'built') console.log('The app is built.')

// A process of its own: the relay's memory is then the relay's, without the builder's.
// The young generation stays small, as in the Dockerfile and docs/host.md: decision 0008.
const relay = spawn(
  process.execPath,
  ['--max-semi-space-size=4', join(root, 'sync-server/main.ts'), ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit'
  }
)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => relay.kill(signal))
leaveWithNpm(() => relay.kill('SIGTERM'))
relay.on('error', (error) => {
  console.error(error.message)
  process.exitCode = 1
})
relay.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)
})
