import { decodeErasureProof, type ErasureProof, encodeErasureProof } from '#core/certificate.ts'
import { decodeRelayMessage, encodeRelayMessage, isOwnMessage } from '#server/protocol/relay-messages.ts'
import type { Audience, Listened } from './audience.ts'
import type { Neighbours } from './neighbours.ts'
import { createPolling, HINT_GRACE_MS } from './polling.ts'
import type { Bus, EntryLog, ShardRef } from './ports.ts'
import type { Clock } from './relay-ports.ts'

/** What the other relays of the same store did, found out by asking it: now and then, and when the bus says that there is something. */
export interface Across {
  /** An erasure of this relay is durable. */
  erased(proof: ErasureProof): void
  /** Somebody has come. */
  wake(): void
  /** Once a second while this relay has anybody. */
  tick(now: number): void
  /** This relay leaves in order. */
  leave(): void
  close(): void
}

export interface AcrossOptions<Listener> {
  readonly log: EntryLog
  readonly bus: Bus
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly neighbours: Neighbours
  readonly audience: Audience<Listener>
  readonly isWanted: () => boolean
  /** Whether a socket of this relay has the root open. */
  readonly hasOpen: (proof: ErasureProof) => boolean
  readonly onErased: (proof: ErasureProof) => void
  /** The store was put back from an older copy, and may have grown again since. */
  readonly onRestored: (ref: ShardRef) => void
  readonly onFailed: (reason: string) => void
}

/** Shards in one question. */
const MOST_SHARDS = 2_000
const ERASURES = 'sealed erasures'

export const createAcross = <Listener>(options: AcrossOptions<Listener>): Across => {
  const { log, bus, clock, neighbours, audience, isWanted, hasOpen, onErased, onRestored, onFailed } = options

  type Ahead = { readonly ref: Listened; readonly seq: number }

  const look = async (refs: readonly Listened[], ahead: Ahead[]): Promise<void> => {
    const heads = await log.heads(refs)
    if (!isWanted()) return
    const told = new Set<string>()
    refs.forEach((ref, index) => {
      const head = heads[index]
      if (head === undefined) return
      if (head.ok) {
        const { seq } = head.value
        const stands = audience.stands(ref, head.value)
        if (stands === 'restored') onRestored(ref)
        else if (stands === 'new') ahead.push({ ref, seq })
      } else if (head.error.kind === 'erased') {
        const { proof } = head.error
        const key = proof.scope.kind === 'root' ? proof.scope.root : `${ref.root}/${ref.shard}`
        if (!told.has(key)) onErased(proof)
        told.add(key)
      } else if (head.error.kind === 'store' && !told.has('')) {
        onFailed(head.error.reason)
        told.add('')
      }
    })
  }

  const ask = async (): Promise<void> => {
    const refs = audience.places()
    const ahead: Ahead[] = []
    try {
      for (let from = 0; from < refs.length && isWanted(); from += MOST_SHARDS) {
        await look(refs.slice(from, from + MOST_SHARDS), ahead)
      }
    } catch (cause) {
      onFailed(String(cause))
    }
    if (ahead.length === 0) return
    clock.after(HINT_GRACE_MS, () => {
      if (isWanted() && ahead.some(({ ref, seq }) => !audience.wasTold(ref, seq))) polling.untold()
    })
  }

  /** The bus may say what it likes: what the store says is told. */
  const confirm = async (proof: ErasureProof): Promise<void> => {
    if (!hasOpen(proof)) return
    const { scope } = proof
    try {
      if (scope.kind === 'root') {
        const root = await log.root(scope.root)
        if (root.ok && root.value.erased !== undefined) onErased(root.value.erased)
      } else {
        const head = await log.head(scope)
        if (!head.ok && head.error.kind === 'erased') onErased(head.error.proof)
      }
    } catch (cause) {
      onFailed(String(cause))
    }
  }

  const polling = createPolling({ ...options, ask })
  const stopGap = bus.onGap(() => isWanted() && audience.tellAgain())
  const stopErasures = bus.subscribe(ERASURES, (bytes) => {
    if (isOwnMessage(neighbours.origin, bytes)) return
    const received = decodeRelayMessage(bytes)
    if (!received.ok || received.value.message.kind !== 'erased') return
    const proof = decodeErasureProof(received.value.message.proof)
    if (proof.ok) void confirm(proof.value)
  })

  return {
    erased: (proof) =>
      bus.publish(
        ERASURES,
        encodeRelayMessage(neighbours.origin, { kind: 'erased', proof: encodeErasureProof(proof) })
      ),
    wake: polling.wake,
    tick(now) {
      neighbours.tick(now)
      polling.wake()
    },
    leave: neighbours.leave,
    close() {
      polling.close()
      stopGap()
      stopErasures()
      neighbours.close()
    }
  }
}
