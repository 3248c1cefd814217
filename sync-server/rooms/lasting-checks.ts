import { bytesToHex, concatBytes } from '#core/bytes.ts'
import type { Sha256 } from '#core/chain.ts'
import type { SignatureCheck } from '#server/protocol/effects.ts'
import type { RelayOptions } from './relay-ports.ts'

/** Checks of the very same bytes that many sockets ask for: all devices of a root show its one certificate, and again whenever they come back. */
export interface LastingChecks {
  check(asked: SignatureCheck): Promise<boolean>
  /** Once a second. */
  tick(): void
}

/** Of each of two generations; one is forgotten every minute. */
const KEPT = 2_000
const GENERATION_TICKS = 60

/** Only what was found valid is kept, and never anything of a key: the name of a check is a hash over all its bytes. */
export const createLastingChecks = (verify: RelayOptions['verify'], sha256: Sha256): LastingChecks => {
  let fresh = new Map<string, Promise<boolean>>()
  let old = new Map<string, Promise<boolean>>()
  let ticks = 0

  const turnOver = (): void => {
    old = fresh
    fresh = new Map()
    ticks = 0
  }

  const forget = (name: string): void => {
    fresh.delete(name)
    old.delete(name)
  }

  const begin = (name: string, { key, message, signature }: SignatureCheck): Promise<boolean> => {
    const begun: Promise<boolean> = verify(key, message, signature).then(
      (isValid) => {
        if (!isValid) forget(name)
        return isValid
      },
      (cause: unknown) => {
        forget(name)
        throw cause
      }
    )
    return begun
  }

  return {
    check(asked) {
      // Key and signature have one length each (they are read as such), so no two checks are the same bytes.
      const name = bytesToHex(sha256(concatBytes(asked.key, asked.signature, asked.message)))
      const known = fresh.get(name) ?? old.get(name) ?? begin(name, asked)
      if (fresh.size >= KEPT) turnOver()
      fresh.set(name, known)
      return known
    },
    tick() {
      if (++ticks >= GENERATION_TICKS) turnOver()
    }
  }
}
