import { parseArgs } from 'node:util'

/** The texts of the environment and the flags, and how a wrong one is told. */

const DEFAULTS = {
  HOST: '127.0.0.1',
  PORT: '8080',
  PUBLIC_URL: '',
  DATABASE_URL: 'sqlite:data/council.db',
  DATABASE_CONNECTIONS: '10',
  BUS_URL: 'memory:',
  ADMISSION: '',
  VOUCHERS: '',
  TLS_CERT: '',
  TLS_KEY: '',
  CONNECT_ORIGINS: '',
  GRAVEYARD_DAYS: '30',
  BACKUP_DAYS: '0',
  HOST_CONTACT: '',
  ROOT_MEGABYTES: '500',
  STORE_MEGABYTES: '',
  OPEN_ROOMS: '',
  OPEN_ROOMS_SECRET: '',
  OPEN_ORIGINS: '',
  ROOM_MEGABYTES: '64',
  METRICS: '',
  CONNECTIONS_PER_ADDRESS: '256',
  FRAMES_PER_SECOND: '500',
  TRUST_PROXY: '0',
  LOG_LEVEL: 'info',
  APP_DIR: ''
}
export type Name = keyof typeof DEFAULTS
export type Values = Readonly<Record<Name, string>>

/** Thrown inside, caught once at the edge of config.ts: the first wrong value is the one that is told. */
export class Wrong extends Error {}

const flagOf = (name: string): string => name.toLowerCase().replaceAll('_', '-')

const readFlags = (args: readonly string[]): Partial<Record<Name, string>> => {
  const names = Object.keys(DEFAULTS) as Name[]
  const options = Object.fromEntries(names.map((name) => [flagOf(name), { type: 'string' as const }]))
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true })
    const given = names.filter((name) => values[flagOf(name)] !== undefined)
    return Object.fromEntries(given.map((name) => [name, values[flagOf(name)]]))
  } catch (cause) {
    throw new Wrong(cause instanceof Error ? (cause.message.split('. ')[0] ?? '') : String(cause))
  }
}

export const readValues = (env: Readonly<Record<string, string | undefined>>, args: readonly string[]): Values => {
  const flags = readFlags(args)
  const read = (name: Name): string => (flags[name] ?? (env[name] || undefined) ?? DEFAULTS[name]).trim()
  return Object.fromEntries((Object.keys(DEFAULTS) as Name[]).map((name) => [name, read(name)])) as Values
}

export const MEGABYTE = 1_000_000

export const list = (text: string): readonly string[] =>
  text
    .split(/[\s,]+/)
    .map((each) => each.trim())
    .filter((each) => each !== '')

export const number = (values: Values, name: Name, min: number, max: number): number => {
  const value = Number(values[name])
  if (!/^\d+$/.test(values[name]) || value < min || value > max) {
    throw new Wrong(`${name} must be a whole number from ${min} to ${max}, not "${values[name]}"`)
  }
  return value
}

export const webUrl = (name: Name, text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new Wrong(`${name} must hold addresses like https://council.example, not "${text}"`)
  }
  return url
}

export const choice = <Choice extends string>(values: Values, name: Name, choices: readonly Choice[]): Choice => {
  const found = choices.find((each) => each === values[name])
  if (found === undefined) throw new Wrong(`${name} must be one of ${choices.join(', ')}, not "${values[name]}"`)
  return found
}
