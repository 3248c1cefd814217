import type { RelayName, Shelf } from '#app/store/ports.ts'

/** The host's word that lets a person begin at a relay. Of this device, not of the journal: it never travels in a document. */

const keyOf = (relay: RelayName): string => `sync/voucher/${relay}`

/** '' where none was given, or where it cannot be read: the relay then says what it thinks of that. */
export const voucherFor = async (shelf: Shelf, relay: RelayName): Promise<string> => {
  const kept = await shelf.get(keyOf(relay))
  return kept.ok && typeof kept.value === 'string' ? kept.value : ''
}

export const keepVoucher = async (shelf: Shelf, relay: RelayName, word: string): Promise<boolean> =>
  (await shelf.put(keyOf(relay), word.trim())).ok
