import { spawn } from 'node:child_process'
import { createServer as createTcpServer } from 'node:net'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { createServer, type Plugin } from 'vite'
import { leaveWithNpm } from './npm-parent.ts'

const root = resolve(import.meta.dirname, '..')

const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const server = createTcpServer()
    server.on('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = address !== null && typeof address === 'object' ? address.port : 0
      server.close(() => done(port))
    })
  })

const port = await freePort()
const target = `http://127.0.0.1:${port}`
const paths = ['/sealed', '/healthz', '/readyz', '/metrics', '/about.json', '/field', '/y']

/** The words that are spoken were loaded once, before any screen: a screen that is drawn anew would still say the old ones. */
const wordsAnew: Plugin = {
  name: 'council:words-anew',
  hotUpdate({ file }) {
    if (!file.endsWith('.po')) return
    this.environment.hot.send({ type: 'full-reload' })
    return []
  }
}

const vite = await createServer({
  configFile: join(root, 'vite.config.ts'),
  root: join(root, 'app'),
  plugins: [wordsAnew],
  server: {
    proxy: Object.fromEntries(paths.map((path) => [path, { target, ws: path === '/sealed' || path === '/y' }]))
  }
})
await vite.listen()
const page = vite.resolvedUrls?.local[0] ?? 'http://localhost:5173/'

// A device signs the address it dialled, so the relay must know the one in front of it.
const relay = spawn(process.execPath, ['--watch', '--watch-preserve-output', join(root, 'sync-server/main.ts')], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    PORT: String(port),
    PUBLIC_URL: new URL(page).origin,
    DATABASE_URL: process.env.DATABASE_URL ?? 'sqlite:data/dev.db'
  }
})
vite.printUrls()

const stop = async (): Promise<void> => {
  relay.kill('SIGTERM')
  await vite.close()
}
process.once('SIGINT', () => void stop())
process.once('SIGTERM', () => void stop())
leaveWithNpm(() => void stop())
