import type { DocPath, Shelf } from '#app/store/ports.ts'
import { type EraseReceipt, type ErasureProof, eraseReceiptMessage } from '#core/certificate.ts'
import { type Cover, ENTRY_KIND } from '#core/entry.ts'
import { type ShardId, seq } from '#core/ids.ts'
import type { Result } from '#core/result.ts'
import { createVault } from './create-vault.ts'
import { certifyDevice } from './device-certificate.ts'
import { createForger } from './forge.ts'
import { createMemoryShelf } from './memory-shelf.ts'
import type { Keyholder, Opened, Sealed, SealRequest, Vault } from './ports.ts'
import type { Author } from './seal.ts'

export const JOURNAL = 'journal/2026/0' as DocPath
export const NEVER_SEEN = { relay: new Uint8Array(4), seq: seq(0), hash: new Uint8Array(16) }
export const TEST_WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow'.split(' ')

export const value = <Value>(result: Result<Value, unknown>): Value => {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`)
  return result.value
}
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const bytesOf = (log: readonly Sealed[]): Uint8Array[] => log.map((each) => each.bytes)
export const updatesOf = (opened: readonly Opened[]): string[] =>
  opened.flatMap((each) => (each.status === 'update' ? [new TextDecoder().decode(each.update)] : []))

export const twoDevices = async (open: (shelf: Shelf) => Vault) => {
  const first = open(createMemoryShelf())
  const alice = value(await first.create())
  const bob = value(await open(createMemoryShelf()).consider(value(await first.phrase()), 0))
  return { alice, bob, shard: await alice.shard(JOURNAL) }
}

/** The device's certificate and then one entry a line, chained as the outbox would. */
export const writeLines = async (author: Keyholder, shard: ShardId, lines: readonly string[]): Promise<Sealed[]> => {
  const log: Sealed[] = []
  const seal = async (kind: 1 | 2, body: Uint8Array): Promise<void> => {
    const prev = log.at(-1)?.innerHash ?? new Uint8Array(16)
    log.push(await author.seal(shard, { kind, counter: log.length + 1, prev, seen: NEVER_SEEN, body }))
  }
  await seal(ENTRY_KIND.deviceCertificate, author.deviceCertificate)
  for (const line of lines) await seal(ENTRY_KIND.update, utf8(line))
  return log
}

/** What sync keeps of each author after a stretch: the highest counter in order, and the certificate it came with. */
export const coversAfter = (known: readonly Cover[], opened: readonly Opened[]): Cover[] => {
  const covers = new Map(known.map((cover) => [cover.device, cover]))
  for (const each of opened) {
    const author = each.status === 'invalid' ? each.author : each.status === 'opaque' ? undefined : each
    if (!author) continue
    const { device, counter, innerHash } = author
    const before = covers.get(device)
    const certificate = each.status === 'certificate' ? each.certificate : before?.certificate
    if (certificate && counter > (before?.counter ?? 0)) covers.set(device, { device, counter, innerHash, certificate })
  }
  return [...covers.values()]
}

export const NO_HASH = new Uint8Array(16)

export const newVault = (): Vault => {
  const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
  return createVault({ shelf: createMemoryShelf(), crypto, random })
}

export const request = (counter: number, text: string, change: Partial<SealRequest> = {}): SealRequest => ({
  kind: ENTRY_KIND.update,
  counter,
  prev: NO_HASH,
  seen: NEVER_SEEN,
  body: utf8(text),
  ...change
})

/** Two honest devices under one phrase, and somebody who holds that phrase and keeps to no rule. */
export const createScene = async () => {
  const forger = await createForger(TEST_WORDS)
  const alice = value(await newVault().consider(TEST_WORDS, 0))
  const bob = value(await newVault().consider(TEST_WORDS, 0))
  const shard = await alice.shard(JOURNAL)
  const certificateOf = (author: Author) => certifyDevice(forger.keys.practitioner, author.signer.publicKey)
  const introduce = async (author: Author): Promise<Sealed> =>
    forger.seal(
      author,
      shard,
      request(1, '', { kind: ENTRY_KIND.deviceCertificate, body: await certificateOf(author) })
    )
  return { forger, alice, bob, shard, certificateOf, introduce }
}

/** What a keyholder is known by. */
export const idsOf = ({ root, incarnation, device, deviceCertificate }: Keyholder) => ({
  root,
  incarnation,
  device,
  deviceCertificate
})

/** By a relay key of its own. */
export const signReceipt = async (proof: ErasureProof): Promise<EraseReceipt> => {
  const relay = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
  const relayKey = new Uint8Array(await crypto.subtle.exportKey('raw', relay.publicKey))
  const unsigned = { relayKey, erasedAt: 1_767_225_600_000, backupDays: 30 }
  const message = eraseReceiptMessage(proof, unsigned) as Uint8Array<ArrayBuffer>
  return { ...unsigned, signature: new Uint8Array(await crypto.subtle.sign('Ed25519', relay.privateKey, message)) }
}
