import { bytesToBase64Url, bytesToHex } from './bytes.ts'
import { err, ok, type Result } from './result.ts'

/** base64url(SHA-256(pk_R))[:22]: the public name of a unit of authority. ASCII, 22 characters. */
export type RootId = string & { readonly __brand: 'RootId' }
/** 16 bytes in lower-case hexadecimal (32 characters): one append-only list under a root, opaque to the relay. */
export type ShardId = string & { readonly __brand: 'ShardId' }
/** SHA-256(device public key)[:8] in lower-case hexadecimal (16 characters). */
export type DeviceId = string & { readonly __brand: 'DeviceId' }
/** Position of an entry in its shard, from 1. 0 means "before the first". */
export type Seq = number & { readonly __brand: 'Seq' }

export const ROOT_ID_LENGTH = 22
export const SHARD_ID_BYTES = 16
export const DEVICE_ID_BYTES = 8

export const parseRootId = (text: string): Result<RootId, 'malformed-root-id'> =>
  /^[A-Za-z0-9_-]{22}$/.test(text) ? ok(text as RootId) : err('malformed-root-id')

/** @param hash SHA-256 of the root's public key, 32 bytes. */
export const rootIdFromHash = (hash: Uint8Array): RootId => bytesToBase64Url(hash).slice(0, ROOT_ID_LENGTH) as RootId

export const shardIdFromBytes = (bytes: Uint8Array): ShardId => {
  if (bytes.byteLength !== SHARD_ID_BYTES) throw new Error('a shard id has 16 bytes')
  return bytesToHex(bytes) as ShardId
}

/** @param hash SHA-256 of the device's public key, 32 bytes. */
export const deviceIdFromHash = (hash: Uint8Array): DeviceId =>
  bytesToHex(hash.subarray(0, DEVICE_ID_BYTES)) as DeviceId

export const seq = (value: number): Seq => value as Seq
