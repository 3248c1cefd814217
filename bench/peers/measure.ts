import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type RunningServer, startServer } from './process.ts'
import { SERVERS } from './servers.ts'
import { WORKLOADS } from './workloads.ts'

/** One run of one workload on one server, in a process of its own: `measure.ts <workload> <server> quick|full [environment of the server as JSON]`. Prints the figures as JSON. */

const [id, name, form, env = '{}'] = process.argv.slice(2)
const workload = WORKLOADS.find((each) => each.id === id)
const spec = SERVERS.find((each) => each.name === name)
if (workload === undefined || spec === undefined) throw new Error(`no workload ${id} or server ${name}`)

const folder = mkdtempSync(join(tmpdir(), 'council-peers-'))
const started: RunningServer[] = []
try {
  const figures = await workload.run({
    spec,
    isQuick: form === 'quick',
    async start() {
      const server = await startServer(spec, { folder, env: JSON.parse(env) as Record<string, string> })
      started.push(server)
      return server
    }
  })
  process.stdout.write(`${JSON.stringify(figures)}\n`)
} finally {
  // NODE_OPTIONS=--cpu-prof writes its profile when the process ends in order.
  for (const server of started) await (env.includes('NODE_OPTIONS') ? server.stop() : server.kill())
  rmSync(folder, { recursive: true, force: true })
}
process.exit(0)
