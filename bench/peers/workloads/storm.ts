import process from 'node:process'
import { addressOf, EMPTY, inBatches, join, openWindow } from '#bench/peers/rig.ts'
import { openSealed, sealedRoot } from '#bench/peers/sealed.ts'
import { PEERS } from '#bench/peers/servers.ts'
import { atMost, type Figures, figureOf, type Setting, times, type Workload } from '#bench/peers/workload.ts'
import { verifyEd25519 } from '#server/auth/signatures.ts'

/** E: 2,000 clients come at once into 200 rooms. */

const CLIENTS = 2_000
const ROOMS = 200
/** More handshakes at a time than a listen queue holds (511 unless told) would measure TCP's repeats. */
const AT_ONCE = 400

/** What the relay pays for one AUTH: the root's signature under the certificate, and the writer's under the challenge. */
const signatureMs = async (): Promise<number> => {
  const root = sealedRoot('signatures')
  const message = new Uint8Array(120)
  const signature = root.W.sign(message)
  const rounds = 500
  const begun = process.cpuUsage()
  for (let n = 0; n < rounds; n++) await verifyEd25519(root.W.publicKey, message, signature)
  const { user, system } = process.cpuUsage(begun)
  return (2 * (user + system)) / 1_000 / rounds
}

const measure = async ({ start, spec }: Setting): Promise<Figures> => {
  const isSealed = spec.name === 'sealed'
  const roots = isSealed ? Array.from({ length: ROOMS }, (_, n) => sealedRoot(`storm ${n}`)) : []
  const come = (n: number): Promise<{ close(): void }> => {
    const root = roots[n % ROOMS]
    return root === undefined
      ? join(server, `storm-${n % ROOMS}`, { stateVector: EMPTY, localAddress: addressOf(n) })
      : openSealed({ server, root, shard: root.shard('journal/2026/0'), localAddress: addressOf(n) })
  }
  const server = await start()
  const before = server.rss()
  const window = openWindow(server)
  const clients = await inBatches(CLIENTS, AT_ONCE, come)
  const { cpu, seconds, load } = window.close()
  const loaded = server.rss()
  for (const client of clients) client.close()
  return {
    ms: seconds * 1_000,
    cpu: (cpu * 1_000) / CLIENTS,
    socket: (loaded - before) / CLIENTS / 1_000,
    ...(isSealed ? { signatures: await signatureMs() } : {}),
    load: load * 100,
    converged: 1
  }
}

export const storm: Workload = {
  id: 'E',
  title: `E: ${CLIENTS} clients come at once into ${ROOMS} rooms`,
  servers: ['ours', 'sealed', 'ws', 'net', ...PEERS],
  columns: [
    { key: 'ms', label: 'ms', digits: 0 },
    { key: 'cpu', label: 'CPU ms each', digits: 3 },
    { key: 'socket', label: 'kB RSS each', digits: 1 },
    { key: 'signatures', label: 'of it two signatures', digits: 3 },
    { key: 'load', label: 'generator CPU %', digits: 0 }
  ],
  run: measure,
  judge: (table) => [
    atMost('open: CPU <= 1.5x bare ws', figureOf(table, 'ours', 'cpu') / figureOf(table, 'ws', 'cpu'), 1.5, times),
    atMost(
      'sealed: CPU <= bare ws + two signatures',
      figureOf(table, 'sealed', 'cpu') / (figureOf(table, 'ws', 'cpu') + figureOf(table, 'sealed', 'signatures')),
      1,
      times
    )
  ]
}
