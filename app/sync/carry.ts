import type { DocPath, RelayName } from '#app/store/ports.ts'
import type { Cover } from '#core/entry.ts'

/**
 * What the sessions of one device with several relays tell each other: entries that one relay has shown and another has not. In memory
 * only, to spare reading a relay's whole log anew: what is lost of it is found again by the covers (across.ts).
 */
export interface Carry {
  readonly relays: readonly RelayName[]
  /** `relay` was not seen to have these. In the order of the log they came from. */
  note(doc: DocPath, relay: RelayName, entries: readonly Carried[]): void
  lacking(doc: DocPath, relay: RelayName): readonly Carried[]
  /** `relay` has them now. */
  settle(doc: DocPath, relay: RelayName, digests: readonly string[]): void
  /** Something of a document came from `relay`: the others look whether they have it too. */
  tell(doc: DocPath, relay: RelayName): void
  hear(relay: RelayName, changed: (doc: DocPath) => void): () => void
}

export interface Carried {
  /** SHA-256 of the bytes, hex. */
  readonly digest: string
  /** As its author sealed it. */
  readonly bytes: Uint8Array
  /** undefined while it cannot be opened, and for what a copy of this profile wrote. */
  readonly author: Pick<Cover, 'device' | 'counter' | 'innerHash'> | undefined
}

/** A relay that is away for long is not waited for with more than this in memory: it is compared when it is back. */
const AT_MOST_BYTES = 4_000_000

export const createCarry = (relays: readonly RelayName[]): Carry => {
  const byPlace = new Map<string, Map<string, Carried>>()
  const ears = new Map<RelayName, Set<(doc: DocPath) => void>>()
  const placeOf = (doc: DocPath, relay: RelayName): string => `${relay} ${doc}`

  return {
    relays,
    note: (doc, relay, entries) => {
      const place = placeOf(doc, relay)
      const known = byPlace.get(place) ?? new Map<string, Carried>()
      // What is noted again keeps its place: it may open now.
      for (const entry of entries) known.set(entry.digest, entry)
      const bytes = [...known.values()].reduce((sum, entry) => sum + entry.bytes.byteLength, 0)
      if (bytes > AT_MOST_BYTES) byPlace.delete(place)
      else byPlace.set(place, known)
    },
    lacking: (doc, relay) => [...(byPlace.get(placeOf(doc, relay))?.values() ?? [])],
    settle: (doc, relay, digests) => {
      const known = byPlace.get(placeOf(doc, relay))
      for (const digest of digests) known?.delete(digest)
    },
    tell: (doc, relay) => {
      for (const [name, heard] of ears) if (name !== relay) for (const changed of heard) changed(doc)
    },
    hear: (relay, changed) => {
      const heard = ears.get(relay) ?? new Set()
      ears.set(relay, heard.add(changed))
      return () => heard.delete(changed)
    }
  }
}
