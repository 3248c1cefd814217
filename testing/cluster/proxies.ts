import { readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { ensureCommand } from '#testing/services/debian-packages.ts'
import { type ServiceProcess, serviceFolder, startService } from '#testing/services/service-process.ts'

/** The proxies of deploy/ as real processes, with the very files that a host is given; only the addresses are others. */

export const PROXIES = ['haproxy', 'nginx', 'caddy'] as const
export type ProxyName = (typeof PROXIES)[number]

export interface WebProxy extends AsyncDisposable {
  readonly origin: string
  output(): string
}

const DEPLOY = resolve(import.meta.dirname, '../../deploy')

const FILES: Readonly<Record<ProxyName, string>> = {
  haproxy: 'haproxy/haproxy.cfg',
  nginx: 'nginx/council.conf',
  caddy: 'caddy/Caddyfile'
}

/** Every address of the file is replaced, or the file is not what this test knows. */
const readdressed = (text: string, addresses: readonly (readonly [from: string, to: string])[]): string =>
  addresses.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`the configuration does not name ${from}`)
    return changed.replaceAll(from, to)
  }, text)

interface Launch {
  /** The line of deploy/ that says where it listens, and what stands there instead. */
  readonly listens: readonly [from: string, to: string]
  /** Around what deploy/ holds: what a machine has of its own. */
  readonly files: Readonly<Record<string, string>>
  readonly args: readonly string[]
  readonly ready: RegExp
}

const LAUNCHES: Readonly<Record<ProxyName, (folder: string, port: number) => Launch>> = {
  haproxy: (folder, port) => ({
    listens: ['bind :8080', `bind 127.0.0.1:${port}`],
    files: {},
    args: ['-W', '-db', '-f', join(folder, 'haproxy.cfg')],
    ready: /Loading success/
  }),
  nginx: (folder, port) => ({
    listens: ['listen 8080', `listen 127.0.0.1:${port}`],
    files: {
      'nginx.conf': [
        `pid ${join(folder, 'pid')};`,
        'error_log stderr notice;',
        'events {}',
        `http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;`,
        `fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;`,
        `include ${join(folder, 'council.conf')}; }`
      ].join('\n')
    },
    args: ['-e', 'stderr', '-g', 'daemon off;', '-c', join(folder, 'nginx.conf')],
    ready: /start worker process \d/
  }),
  caddy: (folder, port) => ({
    listens: ['\n:8080 {', `\n:${port} {\n\tbind 127.0.0.1`],
    // Its administration has a fixed port.
    files: { whole: `{\n\tadmin off\n}\nimport ${join(folder, 'Caddyfile')}\n` },
    args: ['run', '--adapter', 'caddyfile', '--config', join(folder, 'whole')],
    ready: /serving initial configuration/
  })
}

export const startProxy = async (name: ProxyName, port: number, relayPorts: readonly number[]): Promise<WebProxy> => {
  const command = ensureCommand(name)
  const folder = await serviceFolder(name)
  const { listens, files, args, ready } = LAUNCHES[name](folder.path, port)
  const text = readdressed(await readFile(join(DEPLOY, FILES[name]), 'utf8'), [
    listens,
    ...relayPorts.map((relayPort, i) => [`127.0.0.1:${8081 + i}`, `127.0.0.1:${relayPort}`] as const)
  ])
  for (const [file, contents] of Object.entries({ ...files, [basename(FILES[name])]: text }))
    await writeFile(join(folder.path, file), contents)
  const env = { HOME: folder.path, XDG_DATA_HOME: folder.path, XDG_CONFIG_HOME: folder.path }
  const service: ServiceProcess = await startService({ command, args, cwd: folder.path, env, ready })
  return {
    origin: `http://localhost:${port}`,
    output: () => service.output(),
    async [Symbol.asyncDispose]() {
      await service.kill()
      await folder[Symbol.asyncDispose]()
    }
  }
}
