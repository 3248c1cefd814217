import { parseReport } from '#core/field.ts'
import type { PresenceReport } from '#server/rooms/open/open-relay-ports.ts'

/** By hand, at one run of a relay: who claimed which second, with what the relay could know of it. */
export interface Ledger {
  /** Second -> ids, which begin with the person's name here. */
  readonly idsBySecond: ReadonlyMap<number, ReadonlySet<string>>
  hear(report: PresenceReport, second: number): void
}

const decoder = new TextDecoder()

export const createLedger = (): Ledger => {
  const idsBySecond = new Map<number, Set<string>>()
  const idBySocket = new Map<object, string>()
  return {
    idsBySecond,
    hear({ presences, socket }, second) {
      for (const { state } of presences) {
        const said = state === undefined ? undefined : parseReport(JSON.parse(decoder.decode(state)))
        if (said === undefined || said === 'when') continue
        idBySocket.set(socket, said.id)
        for (let at = Math.max(said.from, second + 1); at < said.to; at++) {
          idsBySecond.set(at, (idsBySecond.get(at) ?? new Set()).add(said.id))
        }
      }
      const gone = presences.some(({ state }) => state === undefined) ? idBySocket.get(socket) : undefined
      if (gone !== undefined) for (const [at, ids] of idsBySecond) if (at >= second) ids.delete(gone)
    }
  }
}
