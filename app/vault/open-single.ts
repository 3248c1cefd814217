import { decodeSnapshotBody, ENTRY_KIND } from '#core/entry.ts'
import { decodeEphemeralBody } from '#core/ephemeral.ts'
import type { DeviceId, ShardId } from '#core/ids.ts'
import { baseOf, bodyOf, type Reader } from './open.ts'
import type { InvalidReason, Opened } from './ports.ts'
import { isRefused, unseal } from './unseal.ts'

/** A snapshot opens on its own: its covers bring every author's certificate, its author's among them. */
export const openSnapshotEntry = async (reader: Reader, shard: ShardId, bytes: Uint8Array): Promise<Opened> => {
  const unsealed = await unseal(reader.tools, reader.keys, shard, bytes, [ENTRY_KIND.snapshot])
  if (isRefused(unsealed)) return unsealed
  const invalid = (reason: InvalidReason): Opened => ({ status: 'invalid', reason, digest: unsealed.digest })
  const inflated = await bodyOf(reader.tools, unsealed)
  if (!inflated) return invalid('inflate')
  const decoded = decodeSnapshotBody(inflated)
  if (!decoded.ok) return invalid('body')
  const keys = new Map<DeviceId, Uint8Array>()
  for (const cover of decoded.value.covers) {
    const certified = await reader.readCertificate(cover.certificate)
    if (certified?.device !== cover.device || keys.has(cover.device)) return invalid('certificate')
    keys.set(cover.device, certified.deviceKey)
  }
  const authorKey = keys.get(unsealed.inner.device)
  if (!authorKey) return invalid('body')
  const signed = await reader.tools.ed25519.verify(authorKey, unsealed.message, unsealed.signature)
  return signed ? { ...baseOf(unsealed), status: 'snapshot', body: decoded.value } : invalid('signature')
}

export const openEphemeralFrame = async (
  reader: Reader,
  shard: ShardId,
  bytes: Uint8Array
): Promise<{ readonly device: DeviceId; readonly body: Uint8Array } | undefined> => {
  const unsealed = await unseal(reader.tools, reader.keys, shard, bytes, [ENTRY_KIND.ephemeral])
  if (isRefused(unsealed)) return undefined
  const inflated = await bodyOf(reader.tools, unsealed)
  const decoded = inflated && decodeEphemeralBody(inflated)
  if (!decoded?.ok) return undefined
  const certified = await reader.readCertificate(decoded.value.certificate)
  if (certified?.device !== unsealed.inner.device) return undefined
  const signed = await reader.tools.ed25519.verify(certified.deviceKey, unsealed.message, unsealed.signature)
  return signed ? { device: certified.device, body: decoded.value.payload } : undefined
}
