import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize, resolve } from 'node:path'
import { build } from 'vite'

/** The built app and the bench's own page on one loopback address, so that both see the same database. */

const root = resolve(import.meta.dirname, '../..')

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.png': 'image/png'
}

export interface Site {
  readonly url: string
  close(): Promise<void>
}

const bundlePage = async (into: string): Promise<void> => {
  await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'warn',
    build: {
      outDir: into,
      emptyOutDir: false,
      target: 'chrome123',
      lib: { entry: join(import.meta.dirname, 'page.ts'), formats: ['es'], fileName: () => 'page.js' }
    }
  })
}

const readOr = (file: string, otherwise: string): string => {
  try {
    readFileSync(file)
    return file
  } catch {
    return otherwise
  }
}

export const openSite = async (): Promise<Site> => {
  const folder = mkdtempSync(join(tmpdir(), 'council-bench-'))
  await bundlePage(folder)
  const app = join(root, 'dist/app')
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
    if (path === '/bench') {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      return void response.end(
        '<!doctype html><title>bench</title><script type="module" src="/bench/page.js"></script>'
      )
    }
    const file = path.startsWith('/bench/')
      ? join(folder, path.slice(7))
      : readOr(join(app, path), join(app, 'index.html'))
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream')
    response.end(readFileSync(file))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
