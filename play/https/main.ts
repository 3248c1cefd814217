import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { buildStreet, machines, type Street } from './street.ts'

/**
 * Plays docs/host.md's ways to https on machines of their own. Needs Linux, root, chromium, certutil (libnss3-tools), openssl; for the mesh
 * nebula, for the tunnel caddy and openssh-server: `apt install libnss3-tools nebula caddy openssh-server`.
 */

const root = resolve(import.meta.dirname, '../..')
const node = process.execPath
const VOUCHER = 'a-word-for-your-people'
const RELAY_IS_UP = /Sacred Council relay[\s\S]*data in/

type Scene = (street: Street, folder: string) => Promise<void>

const relay = (street: Street, folder: string, env: Readonly<Record<string, string>>) =>
  street.start(
    'laptop',
    [node, join(root, 'sync-server/main.ts')],
    { DATABASE_URL: `sqlite:${join(folder, 'council.db')}`, VOUCHERS: VOUCHER, ...env },
    RELAY_IS_UP
  )

const ownCertificate = (folder: string, ...hosts: string[]): { TLS_CERT: string; TLS_KEY: string } => {
  const flags = hosts.flatMap((host) => ['--host', host])
  execFileSync(node, [join(root, 'sync-server/cli/relay.ts'), 'cert', ...flags, '--out', folder])
  return { TLS_CERT: join(folder, 'relay.pem'), TLS_KEY: join(folder, 'relay-key.pem') }
}

const visit = async (street: Street, url: string, authority: string): Promise<void> => {
  const said = await street.run('phone', [node, join(import.meta.dirname, 'visit.ts'), url, authority, VOUCHER])
  for (const line of said.trim().split('\n')) console.log(`  ${line}`)
}

/** Way 3: the relay serves https itself, with a certificate from `relay cert`, on the network at home. */
const home: Scene = async (street, folder) => {
  const tls = ownCertificate(folder, 'council.local', machines.laptop)
  const urls = [`https://council.local:8443`, `https://${machines.laptop}:8443`]
  street.names('phone', { 'council.local': machines.laptop })
  await relay(street, folder, { HOST: '0.0.0.0', PORT: '8443', PUBLIC_URL: urls.join(' '), ...tls })
  for (const url of urls) await visit(street, url, join(folder, 'authority.pem'))
}

const NEBULA = { lighthouse: '192.168.88.1', laptop: '192.168.88.2', phone: '192.168.88.3' }

const nebulaSettings = (folder: string, name: string): string => `
pki: { ca: ${folder}/ca.crt, cert: ${folder}/${name}.crt, key: ${folder}/${name}.key }
static_host_map: { "${NEBULA.lighthouse}": ["${machines.server}:4242"] }
lighthouse: { am_lighthouse: ${name === 'lighthouse'}, hosts: [${name === 'lighthouse' ? '' : `"${NEBULA.lighthouse}"`}] }
listen: { host: 0.0.0.0, port: ${name === 'lighthouse' ? 4242 : 0} }
punchy: { punch: true }
tun: { dev: mesh0 }
firewall:
  outbound: [{ port: any, proto: any, host: any }]
  inbound: [{ port: any, proto: any, host: any }]
`

/** Way 2, a private mesh: the relay is reached over an encrypted interface alone, under a name that only the mesh knows. */
const mesh: Scene = async (street, folder) => {
  const sign = (...args: string[]): void => void execFileSync('nebula-cert', args, { cwd: folder })
  sign('ca', '-name', 'our mesh')
  for (const [on, name] of [
    ['server', 'lighthouse'],
    ['laptop', 'laptop'],
    ['phone', 'phone']
  ] as const) {
    sign('sign', '-name', name, '-ip', `${NEBULA[name]}/24`)
    const settings = join(folder, `${name}.yml`)
    writeFileSync(settings, nebulaSettings(folder, name))
    await street.start(on, ['nebula', '-config', settings], {}, /Nebula interface is active/)
  }
  const tls = ownCertificate(folder, 'laptop.mesh')
  street.names('phone', { 'laptop.mesh': NEBULA.laptop })
  await relay(street, folder, { HOST: NEBULA.laptop, PORT: '8443', PUBLIC_URL: 'https://laptop.mesh:8443', ...tls })
  await street.run('phone', ['bash', '-c', `! (exec 3<>/dev/tcp/${machines.laptop}/8443) 2>/dev/null`])
  console.log('  outside the mesh the relay is not there')
  await visit(street, 'https://laptop.mesh:8443', join(folder, 'authority.pem'))
}

/** Way 2, a tunnel: the relay listens on loopback only, and a server with a name forwards to it through an SSH connection the laptop opened. */
const tunnel: Scene = async (street, folder) => {
  for (const name of ['host', 'laptop'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
  const authorized = join(folder, 'authorized')
  writeFileSync(authorized, readFileSync(join(folder, 'laptop.pub')))
  chmodSync(authorized, 0o600)
  mkdirSync('/run/sshd', { recursive: true })
  const sshd = ['-D', '-e', '-f', '/dev/null', '-h', join(folder, 'host')]
  const options = [
    `AuthorizedKeysFile=${authorized}`,
    'StrictModes=no',
    'PidFile=none',
    'PermitRootLogin=prohibit-password'
  ]
  await street.start(
    'server',
    ['/usr/sbin/sshd', ...sshd, ...options.flatMap((each) => ['-o', each])],
    {},
    /Server listening/
  )

  const caddyfile = join(folder, 'Caddyfile')
  // An authority of Caddy's own stands for the public one, which cannot be asked for here.
  writeFileSync(
    caddyfile,
    '{\n admin off\n skip_install_trust\n}\ncouncil.example {\n tls internal\n reverse_proxy 127.0.0.1:8080\n}\n'
  )
  await street.start(
    'server',
    ['caddy', 'run', '--config', caddyfile],
    { HOME: folder, XDG_DATA_HOME: folder },
    /serving initial configuration/
  )

  await relay(street, folder, { HOST: '127.0.0.1', PUBLIC_URL: 'https://council.example', TRUST_PROXY: '1' })
  const known = [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'ExitOnForwardFailure=yes'
  ]
  await street.start(
    'laptop',
    [
      'ssh',
      '-v',
      '-N',
      '-i',
      join(folder, 'laptop'),
      ...known,
      '-R',
      '127.0.0.1:8080:127.0.0.1:8080',
      `root@${machines.server}`
    ],
    {},
    /remote forward success/
  )
  street.names('phone', { 'council.example': machines.server })
  await visit(street, 'https://council.example', join(folder, 'caddy/pki/authorities/local/root.crt'))
}

const scenes: Readonly<Record<string, Scene>> = { home, mesh, tunnel }
const asked = process.argv.slice(2)
for (const name of asked.length > 0 ? asked : Object.keys(scenes)) {
  const scene = scenes[name]
  if (scene === undefined) throw new Error(`${name} is none of: ${Object.keys(scenes).join(', ')}`)
  const folder = mkdtempSync(join(tmpdir(), 'council-https-'))
  const street = buildStreet()
  console.log(name)
  try {
    await scene(street, folder)
  } finally {
    await street.end()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
