import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { deviceIdFromHash, parseRootId, rootIdFromHash, shardIdFromBytes } from './ids.ts'

const hash = new Uint8Array(createHash('sha256').update('key').digest())

test('a root id is the beginning of its key’s hash, in 22 letters', () => {
  const root = rootIdFromHash(hash)
  expect(root).toBe(Buffer.from(hash).toString('base64url').slice(0, 22))
  expect(parseRootId(root)).toEqual({ ok: true, value: root })
  for (const text of ['', root.slice(1), `${root}A`, `${root.slice(1)}=`, `${root.slice(1)}é`]) {
    expect(parseRootId(text)).toEqual({ ok: false, error: 'malformed-root-id' })
  }
})

test('shard and device ids are hexadecimal', () => {
  expect(deviceIdFromHash(hash)).toBe(Buffer.from(hash.subarray(0, 8)).toString('hex'))
  expect(shardIdFromBytes(hash.subarray(0, 16))).toHaveLength(32)
  expect(() => shardIdFromBytes(hash)).toThrow()
})
