import type { Cover, EntryKind } from '#core/entry.ts'
import { ENTRY_KIND, FLAG_DEFLATE, FLAG_YJS_V2 } from '#core/entry.ts'
import type { DeviceId, ShardId } from '#core/ids.ts'
import { inflateBody } from './deflate.ts'
import type { DerivedKeys } from './derive.ts'
import type { CertifiedDevice, ReadCertificate } from './device-certificate.ts'
import type { Tools } from './kept-keys.ts'
import type { InvalidReason, Opened } from './ports.ts'
import { isRefused, type Refused, type Unsealed, unseal } from './unseal.ts'

/** Kinds that are entries of a log. */
const LOG_KINDS: readonly EntryKind[] = [ENTRY_KIND.update, ENTRY_KIND.deviceCertificate]
/** Decrypted at once: enough to keep the platform's threads busy, few enough to bound memory. */
const AT_ONCE = 128

export interface Reader {
  readonly tools: Tools
  readonly keys: DerivedKeys
  readonly readCertificate: ReadCertificate
}

/** How far one author is known while a stretch is read. */
interface Line {
  readonly deviceKey: Uint8Array
  readonly counter: number
}

const inOrder = async <Item, Value>(items: readonly Item[], run: (item: Item) => Promise<Value>): Promise<Value[]> => {
  const values: Value[] = []
  for (let at = 0; at < items.length; at += AT_ONCE) {
    values.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(run))))
  }
  return values
}

export const bodyOf = async ({ compression }: Tools, { inner }: Unsealed): Promise<Uint8Array | undefined> =>
  (inner.flags & FLAG_DEFLATE) === 0 ? inner.body : inflateBody(compression, inner.body)

export const baseOf = ({ inner, innerHash, digest }: Unsealed) => ({
  device: inner.device,
  counter: inner.counter,
  innerHash,
  prev: inner.prev,
  seen: inner.seen,
  digest
})

/** Decrypted and inflated, its signature not yet judged. */
interface Read {
  readonly unsealed: Unsealed
  readonly body: Uint8Array | undefined
  /** Set when the body is this very author's certificate, and ours. */
  readonly certified: CertifiedDevice | undefined
}

const read = async (reader: Reader, shard: ShardId, bytes: Uint8Array): Promise<Read | Refused> => {
  const unsealed = await unseal(reader.tools, reader.keys, shard, bytes, LOG_KINDS)
  if (isRefused(unsealed)) return unsealed
  const body = await bodyOf(reader.tools, unsealed)
  const isCertificate = unsealed.kind === ENTRY_KIND.deviceCertificate && body !== undefined
  const certified = isCertificate ? await reader.readCertificate(body) : undefined
  return { unsealed, body, certified: certified?.device === unsealed.inner.device ? certified : undefined }
}

const linesOf = async ({ readCertificate }: Reader, known: readonly Cover[]): Promise<Map<DeviceId, Line>> => {
  const lines = new Map<DeviceId, Line>()
  for (const cover of known) {
    const certified = await readCertificate(cover.certificate)
    if (certified?.device === cover.device)
      lines.set(cover.device, { deviceKey: certified.deviceKey, counter: cover.counter })
  }
  return lines
}

/** Keys to check signatures with, by the devices' own claims; the walk in order decides later whether a claim came in time. */
const introducedIn = (entries: readonly (Read | Refused)[]): ReadonlyMap<DeviceId, Uint8Array> => {
  const keys = new Map<DeviceId, Uint8Array>()
  for (const entry of entries) {
    if (!('status' in entry) && entry.certified) keys.set(entry.certified.device, entry.certified.deviceKey)
  }
  return keys
}

const invalid = (unsealed: Unsealed, reason: InvalidReason, authentic: boolean): Opened => {
  const { device, counter, innerHash, digest } = baseOf(unsealed)
  return { status: 'invalid', reason, digest, ...(authentic ? { author: { device, counter, innerHash } } : {}) }
}

const content = ({ unsealed, body, certified }: Read): Opened => {
  if (!body) return invalid(unsealed, 'inflate', true)
  const base = baseOf(unsealed)
  if (unsealed.kind === ENTRY_KIND.deviceCertificate) {
    return certified ? { ...base, status: 'certificate', certificate: body } : invalid(unsealed, 'certificate', true)
  }
  return { ...base, status: 'update', update: body, yjsV2: (unsealed.inner.flags & FLAG_YJS_V2) !== 0 }
}

/** Takes one entry at its place in the order: what came before it decides whether it can be judged at all. */
const place = (lines: Map<DeviceId, Line>, entry: Read, signed: boolean): Opened => {
  const { kind, inner, digest } = entry.unsealed
  const line = lines.get(inner.device)
  if (!line && kind === ENTRY_KIND.deviceCertificate && !entry.certified)
    return invalid(entry.unsealed, 'certificate', false)
  const deviceKey = line?.deviceKey ?? entry.certified?.deviceKey
  if (!deviceKey) return { status: 'opaque', reason: 'unknown-device', digest }
  if (!signed) return invalid(entry.unsealed, 'signature', false)
  if (inner.counter < 1) return invalid(entry.unsealed, 'malformed', false)
  const last = line?.counter ?? 0
  if (inner.counter > last + 1) return { status: 'opaque', reason: 'predecessor', digest }
  if (inner.counter > last) lines.set(inner.device, { deviceKey, counter: inner.counter })
  return content(entry)
}

/**
 * Opens a stretch of a log. Each signature is verified: the cheaper check by the author's chain and last signature accepts an entry
 * whose own signature is wrong, so that two devices that cut the log differently would disagree (docs/decisions/0005-crypto-by-the-platform.md).
 */
export const openEntries = async (
  reader: Reader,
  shard: ShardId,
  known: readonly Cover[],
  entries: readonly Uint8Array[]
): Promise<readonly Opened[]> => {
  const lines = await linesOf(reader, known)
  const all = await inOrder(entries, (bytes) => read(reader, shard, bytes))
  const introduced = introducedIn(all)
  const signed = await inOrder(all, async (entry): Promise<boolean> => {
    if ('status' in entry) return false
    const { inner, message, signature } = entry.unsealed
    const key = lines.get(inner.device)?.deviceKey ?? introduced.get(inner.device)
    return key !== undefined && reader.tools.ed25519.verify(key, message, signature)
  })
  return all.map((entry, at) => ('status' in entry ? entry : place(lines, entry, signed[at] === true)))
}
