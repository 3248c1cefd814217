import { bytesEqual, bytesToHex } from '#core/bytes.ts'
import { decodeDeviceCertificate, deviceCertificateMessage, encodeDeviceCertificate } from '#core/certificate.ts'
import { type DeviceId, deviceIdFromHash } from '#core/ids.ts'
import { digestOf } from './digest.ts'
import type { Ed25519, Signer } from './ed25519.ts'

export interface CertifiedDevice {
  readonly device: DeviceId
  readonly deviceKey: Uint8Array
}

export const certifyDevice = async (practitioner: Signer, deviceKey: Uint8Array): Promise<Uint8Array> => {
  const certified = { practitionerKey: practitioner.publicKey, deviceKey }
  return encodeDeviceCertificate({
    ...certified,
    signature: await practitioner.sign(deviceCertificateMessage(certified))
  })
}

/** @returns undefined for a certificate that is malformed, another practitioner's, or wrongly signed. */
export type ReadCertificate = (bytes: Uint8Array) => Promise<CertifiedDevice | undefined>

export const createCertificateReader = (
  subtle: SubtleCrypto,
  ed25519: Ed25519,
  practitionerKey: Uint8Array
): ReadCertificate => {
  const read = async (bytes: Uint8Array): Promise<CertifiedDevice | undefined> => {
    const decoded = decodeDeviceCertificate(bytes)
    if (!decoded.ok || !bytesEqual(decoded.value.practitionerKey, practitionerKey)) return undefined
    const { deviceKey, signature } = decoded.value
    if (!(await ed25519.verify(practitionerKey, deviceCertificateMessage(decoded.value), signature))) return undefined
    return { device: deviceIdFromHash(await digestOf(subtle, deviceKey)), deviceKey }
  }
  // Each stretch of a log names the same few certificates again; only proven ones are kept, so hostile ones cannot fill this.
  const proven = new Map<string, CertifiedDevice>()
  return async (bytes) => {
    const name = bytesToHex(bytes)
    const known = proven.get(name)
    if (known) return known
    const device = await read(bytes)
    if (device) proven.set(name, device)
    return device
  }
}
