import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

/** One node of Hocuspocus as its own documentation starts several: BENCH_REDIS is the port of their Redis, BENCH_SQLITE the database of all. */

const peers = createRequire(join(process.env.BENCH_PEERS as string, 'package.json'))
const load = async <Exports>(name: string): Promise<Exports> =>
  (await import(pathToFileURL(peers.resolve(name)).href)) as Exports

type Extension = new (options: object) => object
interface HocuspocusServer {
  listen(): Promise<unknown>
  readonly address: { readonly port: number }
}

const { Server } = await load<{ Server: new (options: object) => HocuspocusServer }>('@hocuspocus/server')
const { SQLite } = await load<{ SQLite: Extension }>('@hocuspocus/extension-sqlite')
const { Redis } = await load<{ Redis: Extension }>('@hocuspocus/extension-redis')
const server = new Server({
  port: Number(process.env.PORT ?? 0),
  address: '127.0.0.1',
  quiet: true,
  extensions: [
    new Redis({ host: '127.0.0.1', port: Number(process.env.BENCH_REDIS) }),
    new SQLite({ database: process.env.BENCH_SQLITE })
  ]
})
await server.listen()
process.stdout.write(`port ${server.address.port}\n`)
