import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Cluster } from '#bench/cluster/clusters.ts'
import { CLUSTER_PEERS_FOLDER } from '#bench/cluster/peers.ts'
import { until, wait } from '#bench/peers/rig.ts'
import { quantile } from '#bench/peers/statistics.ts'
import type { Figures } from '#bench/peers/workload.ts'
import { startProxy } from '#testing/cluster/proxies.ts'
import { createStockClient } from '#testing/interop/stock-client.ts'
import { freePort } from '#testing/services/service-process.ts'

/** Stock clients behind haproxy as deploy/ sets it up; one relay is killed while they write; how long until each is in sync again. */

const ROOMS = 30
const PER_ROOM = 4
const WRITE_EVERY_MS = 200

/** What y-websocket's and Hocuspocus' own clients have in common. */
interface Client {
  isSynced(): boolean
  onSync(run: () => void): void
  onLeft(run: () => void): void
  write(text: string): void
  text(): string
  end(): void
}

type OpenClient = (origin: string, room: string) => Client

const openStock: OpenClient = (origin, room) => {
  const client = createStockClient('3.1', origin, room)
  const { provider } = client
  return {
    isSynced: () => provider.wsconnected && provider.synced,
    onSync: (run) => provider.on('sync', (isSynced: boolean) => isSynced && run()),
    onLeft: (run) => provider.on('status', ({ status }: { status: string }) => status === 'disconnected' && run()),
    write: client.write,
    text: client.text,
    end: () => client[Symbol.dispose]()
  }
}

interface HocuspocusDoc {
  getText(name: string): { insert(at: number, text: string): void; toString(): string; readonly length: number }
}
interface HocuspocusProvider {
  readonly document: HocuspocusDoc
  readonly synced: boolean
  on(event: string, run: (given: { state?: boolean; status?: string }) => void): void
  destroy(): void
}

const loadHocuspocus = async (): Promise<OpenClient> => {
  const peers = createRequire(join(CLUSTER_PEERS_FOLDER, 'package.json'))
  const { HocuspocusProvider: Provider } = (await import(
    pathToFileURL(peers.resolve('@hocuspocus/provider')).href
  )) as {
    HocuspocusProvider: new (options: object) => HocuspocusProvider
  }
  return (origin, room) => {
    const provider = new Provider({ url: origin.replace('http', 'ws'), name: room, token: 'token' })
    const text = provider.document.getText('text')
    return {
      isSynced: () => provider.synced,
      onSync: (run) => provider.on('synced', ({ state }) => state !== false && run()),
      onLeft: (run) => provider.on('status', ({ status }) => status === 'disconnected' && run()),
      write: (words) => text.insert(text.length, words),
      text: () => text.toString(),
      end: () => provider.destroy()
    }
  }
}

export const measureResuming = async (cluster: Cluster, isQuick: boolean): Promise<Figures> => {
  const open = cluster.name === 'hocuspocus-2' ? await loadHocuspocus() : openStock
  const port = await freePort()
  await using proxy = await startProxy(
    'haproxy',
    port,
    Array.from({ length: cluster.count }, (_, at) => cluster.relay(at).port)
  )
  const took: number[] = []
  let lost = 0
  let left = 0
  const kills = isQuick ? 1 : 3
  for (let n = 0; n < kills; n++) {
    const clients = Array.from({ length: ROOMS * PER_ROOM }, (_, i) => open(proxy.origin, `resume-${n}-${i % ROOMS}`))
    if (!(await until(() => clients.every((client) => client.isSynced()), 30_000))) throw new Error('not in sync')
    const written: string[][] = Array.from({ length: ROOMS }, () => [])
    let marks = 0
    const timer = setInterval(() => {
      for (const [i, client] of clients.entries()) {
        if (i % 7 !== marks % 7) continue
        const mark = `${marks}.${i} `
        written[i % ROOMS]?.push(mark)
        client.write(mark)
      }
      marks++
    }, WRITE_EVERY_MS)
    await wait(1_500)
    const killedAt = performance.now()
    const affected = new Set<Client>()
    const back = new Map<Client, number>()
    for (const client of clients) {
      client.onLeft(() => affected.add(client))
      client.onSync(() => {
        if (affected.has(client)) back.set(client, performance.now() - killedAt)
      })
    }
    await cluster.relay(n % cluster.count).kill()
    await wait(1_000)
    await until(() => [...affected].every((client) => back.has(client)), 40_000)
    await wait(1_000)
    clearInterval(timer)
    const hasAll = (i: number): boolean =>
      (written[i % ROOMS] ?? []).every((mark) => clients[i]?.text().includes(mark) === true)
    await until(() => clients.every((client, i) => client.isSynced() && hasAll(i)), 20_000)
    for (const i of clients.keys()) {
      lost += (written[i % ROOMS] ?? []).filter((mark) => clients[i]?.text().includes(mark) !== true).length
    }
    left += affected.size
    // Who never came back counts as the longest that was waited for.
    for (const client of affected) took.push(back.get(client) ?? 42_000)
    for (const client of clients) client.end()
    await cluster.restart(n % cluster.count)
    await wait(3_000)
  }
  return {
    kills,
    left,
    p50: quantile(took, 0.5) / 1_000,
    p95: quantile(took, 0.95) / 1_000,
    worst: Math.max(...took) / 1_000,
    lost,
    converged: left > 0 ? 1 : 0
  }
}
