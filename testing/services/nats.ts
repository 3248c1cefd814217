import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureCommand } from './debian-packages.ts'
import { freePort, type ServiceProcess, serviceFolder, startService } from './service-process.ts'

/** A real NATS broker of one's own. */

export interface NatsOptions {
  readonly user?: string
  readonly password?: string
  /** Another broker to form a cluster with. */
  readonly joins?: NatsServer
  /** More settings, as in its configuration file. */
  readonly config?: string
  /** Runs before the broker, for example what gives it a core. */
  readonly wrapper?: readonly string[]
}

export interface NatsServer extends AsyncDisposable {
  readonly port: number
  /** Where other brokers join. */
  readonly clusterPort: number
  url(user?: string, password?: string): string
  /** Of the process, now. */
  pid(): number
  /** Connections of clients at this moment. */
  connections(): Promise<number>
  /** Subscriptions of those clients. */
  subscriptions(): Promise<number>
  kill(): Promise<void>
  freeze(): Promise<void>
  thaw(): Promise<void>
  stop(): Promise<void>
  /** After `kill` or `stop`: same port, empty. @param options in place of those given first */
  start(options?: NatsOptions): Promise<void>
  output(): string
}

const loginArguments = ({ user, password }: NatsOptions): string[] =>
  user === undefined ? [] : ['--user', user, '--pass', password ?? '']

const clusterArguments = (clusterPort: number, { joins }: NatsOptions): string[] => [
  ...['--cluster_name', 'tests', '--cluster', `nats://127.0.0.1:${clusterPort}`, '--no_advertise'],
  ...(joins === undefined ? [] : ['--routes', `nats://127.0.0.1:${joins.clusterPort}`])
]

export const startNats = async (options: NatsOptions = {}): Promise<NatsServer> => {
  const command = ensureCommand('nats-server')
  const [port, clusterPort, monitorPort] = [await freePort(), await freePort(), await freePort()]
  const folder = await serviceFolder('nats')
  const file = join(folder.path, 'nats.conf')
  let given = options

  const launch = async (): Promise<ServiceProcess> => {
    await writeFile(file, given.config ?? '')
    return startService({
      command,
      wrapper: given.wrapper ?? [],
      args: [
        ...['--config', file],
        ...['--addr', '127.0.0.1', '--port', `${port}`, '--http_port', `${monitorPort}`],
        ...loginArguments(given),
        ...clusterArguments(clusterPort, given)
      ],
      ready: /Server is ready/
    })
  }
  let process = await launch()

  const number = async (name: string): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${monitorPort}/varz`)
    return ((await answer.json()) as Record<string, number>)[name] ?? 0
  }

  return {
    port,
    clusterPort,
    url(user = given.user, password = given.password) {
      const login = user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@`
      return `nats://${login}127.0.0.1:${port}`
    },
    pid: () => process.pid,
    connections: () => number('connections'),
    subscriptions: () => number('subscriptions'),
    kill: () => process.kill(),
    freeze: () => process.freeze(),
    thaw: () => process.thaw(),
    async stop() {
      await process.stop()
    },
    async start(next = given) {
      given = next
      process = await launch()
    },
    output: () => process.output(),
    async [Symbol.asyncDispose]() {
      await process.stop()
      await folder[Symbol.asyncDispose]()
    }
  }
}
