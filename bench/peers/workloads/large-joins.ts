import { createLargeCheck, LARGE_BYTES, settleLarge, uploadLarge } from '#bench/peers/large.ts'
import { peakRss } from '#bench/peers/proc.ts'
import { addressOf, EMPTY, inBatches, join, openWindow } from '#bench/peers/rig.ts'
import { atMost, type Figures, figureOf, type Setting, times, toldOnly, type Workload } from '#bench/peers/workload.ts'

/** I: 150 clients load a document of 20 MB at once. */

const measure = async ({ start, isQuick, spec }: Setting): Promise<Figures> => {
  const count = isQuick ? 30 : 150
  const first = await start()
  if (spec.keeps) await uploadLarge(first, 'large')
  const server = spec.keeps ? await settleLarge(first, start, isQuick) : first
  const before = server.rss()
  const peakBefore = peakRss(server.pid)
  const checks = [createLargeCheck(), createLargeCheck()]
  const window = openWindow(server)
  const clients = await inBatches(count, count, async (n) => {
    const check = checks[n]
    return join(server, spec.keeps ? 'large' : `stream-${LARGE_BYTES}`, {
      stateVector: EMPTY,
      localAddress: addressOf(n),
      keepsLarge: check !== undefined,
      ...(check === undefined ? {} : { onRun: check.seen })
    })
  })
  const { seconds, load, cpu } = window.close()
  const peak = peakRss(server.pid)
  const enough = clients.every((client) => client.socket.received() >= LARGE_BYTES * 0.95)
  for (const client of clients) client.close()
  return {
    clients: count,
    seconds,
    rate: (LARGE_BYTES * count) / seconds / 1e6,
    cpu: (cpu * 1_000) / count,
    // Where the upload went higher than the joins did, all that is known is that they needed less.
    growth: (Math.max(peak, server.rss()) - (peak > peakBefore ? before : peakBefore)) / 1e6,
    documents: (Math.max(peak, server.rss()) - (peak > peakBefore ? before : peakBefore)) / LARGE_BYTES,
    load: load * 100,
    converged: enough && (!spec.keeps || checks.every((check) => check.isWhole())) ? 1 : 0
  }
}

export const largeJoins: Workload = {
  id: 'I',
  title: `I: 150 clients (quick: 30) load a document of ${Math.round(LARGE_BYTES / 1e6)} MB at once; “one buffer to all” is what Node's sockets can do`,
  servers: ['ours', 'stream', 'y-ws', 'hocuspocus'],
  runs: 1,
  columns: [
    { key: 'clients', label: 'clients', digits: 0 },
    { key: 'seconds', label: 's', digits: 1 },
    { key: 'rate', label: 'MB/s', digits: 0 },
    { key: 'cpu', label: 'CPU ms a join', digits: 1 },
    { key: 'growth', label: 'RSS growth MB', digits: 0 },
    { key: 'documents', label: 'x the document', digits: 1 },
    { key: 'load', label: 'generator CPU %', digits: 0 }
  ],
  run: measure,
  judge: (table) => [
    atMost('RSS growth < 2x the document', figureOf(table, 'ours', 'documents'), 2, times),
    toldOnly('of what Node’s sockets carry', figureOf(table, 'ours', 'rate') / figureOf(table, 'stream', 'rate'), times)
  ]
}
