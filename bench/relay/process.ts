import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import process from 'node:process'

/** The relay as its own process, so that its CPU seconds are its own and not the load generator's. */
export interface RelayProcess {
  readonly host: string
  /** User and system seconds since it began. */
  cpuSeconds(): number
  stop(): Promise<void>
}

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Clock ticks a second of /proc/<pid>/stat: 100 on every Linux that Node supports. */
const TICKS = 100

/** @param slow further environment, see slow-sync.ts. */
export const startRelay = async (folder: string, slow: Readonly<Record<string, string>>): Promise<RelayProcess> => {
  const port = await freePort()
  const root = resolve(import.meta.dirname, '../..')
  const child = spawn(process.execPath, [join(root, 'sync-server/main.ts')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: 'error',
      DATABASE_URL: `sqlite:${join(folder, 'council.db')}`,
      // One address plays a thousand people: the limits that protect a host from that would be what is measured.
      CONNECTIONS_PER_ADDRESS: '5000',
      FRAMES_PER_SECOND: '1000000',
      ...slow
    }
  })
  const host = `localhost:${port}`
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries > 200) throw new Error('the relay did not start')
    const healthy = await fetch(`http://${host}/healthz`).then(
      (answer) => answer.ok,
      () => false
    )
    if (healthy) break
    await new Promise((done) => setTimeout(done, 50))
  }
  return {
    host,
    cpuSeconds: () => {
      // The command's name is in brackets and may hold blanks: fields are counted from behind it.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / TICKS
    },
    stop: async () => {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  }
}
