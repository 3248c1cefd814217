import type { RelayName, Shelf, SyncLog } from '#app/store/ports.ts'
import { decodeErasureProof } from '#core/certificate.ts'
import { need } from './bench.ts'
import { type Erased, type EraseFailure, showErasure } from './erase-root.ts'
import type { SyncParts } from './sync-parts.ts'
import { talkTo } from './talk-to.ts'

/** Relays that were not reached when a journal was erased: they are told when they answer, however late. */
export interface OwedErasures {
  owe(address: { readonly name: RelayName; readonly url: string }, proof: Uint8Array): Promise<void>
  /** Hosts. */
  list(): Promise<readonly string[]>
  /** Tells whom it can, now and every ten minutes while there is anybody left. */
  tell(): Promise<void>
}

interface Owing {
  readonly name: RelayName
  readonly url: string
  /** Encoded ErasureProof: showing it needs no keys. */
  readonly proof: Uint8Array
}

const KEY = 'sync/erasures-owed'
const AGAIN_MS = 600_000

export const createOwedErasures = (
  parts: SyncParts,
  leads: () => boolean,
  told: (erased: Erased) => Promise<void>
): OwedErasures => {
  const { log }: { readonly log: SyncLog & Shelf } = parts
  let working = false
  let cancel = (): void => {}

  const read = async (): Promise<readonly Owing[]> => (need(await log.get(KEY)) as readonly Owing[] | undefined) ?? []
  const same = (a: Owing) => (b: Owing) => a.url === b.url && a.proof.join() === b.proof.join()

  const settle = async (owing: Owing): Promise<void> => {
    const left = (await read()).filter((each) => !same(owing)(each))
    need(left.length === 0 ? await log.delete(KEY) : await log.put(KEY, left))
  }

  const tellOne = async (owing: Owing): Promise<EraseFailure | undefined> => {
    const proof = decodeErasureProof(owing.proof)
    if (!proof.ok) return undefined
    const vault = await parts.vault()
    const shown = await showErasure({ ...talkTo(parts, owing), vault }, proof.value, owing.name)
    if (!shown.ok) return shown.error
    await told(shown.value)
    return undefined
  }

  const tellAll = async (): Promise<void> => {
    for (const owing of await read()) if ((await tellOne(owing)) === undefined) await settle(owing)
  }

  const tell = async (): Promise<void> => {
    if (working || !leads()) return
    working = true
    cancel()
    try {
      await tellAll()
      if ((await read()).length > 0) cancel = parts.setTimer(AGAIN_MS, () => void tell())
    } catch (error) {
      parts.report(`erasing, telling late: ${String(error)}`)
    } finally {
      working = false
    }
  }

  return {
    owe: async ({ name, url }, proof) => {
      const owing: Owing = { name, url, proof }
      const known = await read()
      if (!known.some(same(owing))) need(await log.put(KEY, [...known, owing]))
    },
    list: async () => [...new Set((await read()).map(({ name }) => name))],
    tell
  }
}
