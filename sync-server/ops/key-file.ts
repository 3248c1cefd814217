import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'

/** Files that stay when the database is replaced stand beside it under its name. */
export const beside = (databasePath: string, suffix: string): string =>
  join(dirname(databasePath), `${basename(databasePath, extname(databasePath))}.${suffix}`)

/**
 * A secret beside the database: made once, kept when the database is replaced. Written whole under another name first and
 * linked, so that a crash leaves none or all of it and two starts at once agree on one.
 */
export const readOrMakeSecret = (path: string, make: () => string): string => {
  const found = read(path)
  if (found !== undefined) return found
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}.new`
  const file = openSync(draft, 'w', 0o600)
  writeSync(file, make())
  fsyncSync(file)
  closeSync(file)
  try {
    linkSync(draft, path)
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw cause
  } finally {
    rmSync(draft, { force: true })
  }
  return readFileSync(path, 'utf8')
}

/** 32 characters of base64 are 192 bits. */
const MIN_SECRET = 32

/**
 * What signs tokens of open rooms where the host gives no secret: made the first time it is asked for.
 * @throws where the store holds too little: whoever guesses it opens every room
 */
export const openRoomsSecret = async (store: {
  secret(name: 'open-rooms.secret', make: () => string): Promise<string>
}): Promise<string> => {
  const made = await store.secret('open-rooms.secret', () => randomBytes(32).toString('base64url'))
  const secret = made.trim()
  if (secret.length < MIN_SECRET) throw new Error(`open-rooms.secret must hold at least ${MIN_SECRET} characters`)
  return secret
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined
    throw cause
  }
}

const isCode = (cause: unknown, code: string): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === code
