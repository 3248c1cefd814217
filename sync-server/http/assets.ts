import { createHash } from 'node:crypto'
import { promises } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** The built app in memory, compressed once: a few megabytes that never touch the disk again. */

export interface Asset {
  readonly type: string
  readonly etag: string
  readonly isImmutable: boolean
  readonly plain: Buffer
  /** Absent where it would not be smaller. */
  readonly gzip: Buffer | undefined
  readonly brotli: Buffer | undefined
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm'
}
const COMPRESSED = new Set(['.html', '.js', '.css', '.json', '.webmanifest', '.svg', '.txt', '.wasm'])

/** Vite puts the content's hash into the names of everything in here. */
const HASHED = /^\/assets\//

const zip = promisify(gzip)
const brotli = promisify(brotliCompress)

const loadAsset = async (path: string, url: string): Promise<Asset> => {
  const plain = await promises.readFile(path)
  const extension = extname(path)
  const [zipped, brotlied] = COMPRESSED.has(extension)
    ? await Promise.all([zip(plain, { level: 9 }), brotli(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })])
    : []
  return {
    type: TYPES[extension] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    isImmutable: HASHED.test(url),
    plain,
    gzip: zipped && zipped.byteLength < plain.byteLength ? zipped : undefined,
    brotli: brotlied && brotlied.byteLength < plain.byteLength ? brotlied : undefined
  }
}

/** @returns assets by their URL path; empty where the app was not built. */
export const loadAssets = async (directory: string): Promise<ReadonlyMap<string, Asset>> => {
  const entries = await promises.readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  const assets = new Map<string, Asset>()
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const url = `/${relative(directory, path).split(sep).join('/')}`
    assets.set(url, await loadAsset(path, url))
  }
  return assets
}
