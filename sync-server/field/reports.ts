import { answerState, type Claim, MOST_CLAIM_SECONDS, parseReport } from '#core/field.ts'
import type { Presence } from '#server/protocol/open/awareness.ts'
import type { PresenceReport } from '#server/rooms/open/open-relay-ports.ts'
import type { FieldOptions } from './ports.ts'
import type { Tally } from './tally.ts'

/** A claim and what else fits into its state; a longer one is none. */
const MOST_STATE_BYTES = 300

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const readState = ({ state }: Presence): unknown => {
  if (state === undefined || state.byteLength > MOST_STATE_BYTES) return undefined
  try {
    return JSON.parse(decoder.decode(state))
  } catch {
    return undefined
  }
}

/** Whom a socket or an address speaks for, remembered until their last claim ends. */
interface Held {
  readonly id: string
  readonly address: string
  client: number
  until: number
}

export interface Reports {
  /** @returns what the socket is told: the relay's time, where it asked or claimed */
  hear(report: PresenceReport): Presence | undefined
  /** Forgets whose claims have ended. */
  sweep(second: number): void
}

/** Hands claims to the tally: one person a socket, so many an address. */
export const createReports = (
  { clock, random, mostPerAddress }: Pick<FieldOptions, 'clock' | 'random' | 'mostPerAddress'>,
  tally: Tally
): Reports => {
  /** This relay's own name among the present. */
  const self = new DataView(random(4).slice().buffer).getUint32(0)
  let answers = 0
  const heldBySocket = new WeakMap<object, Held>()
  const heldById = new Map<string, Held>()
  const countByAddress = new Map<string, number>()

  const forget = (held: Held): void => {
    heldById.delete(held.id)
    const left = (countByAddress.get(held.address) ?? 1) - 1
    if (left > 0) countByAddress.set(held.address, left)
    else countByAddress.delete(held.address)
  }

  const holder = (socket: object, address: string, client: number, { id }: Claim, second: number): Held | undefined => {
    const own = heldBySocket.get(socket)
    if (own !== undefined && own.id !== id && own.until > second) return undefined
    const known = heldById.get(id)
    if (known !== undefined) {
      heldBySocket.set(socket, known)
      known.client = client
      return known
    }
    const count = countByAddress.get(address) ?? 0
    if (count >= mostPerAddress) return undefined
    const held = { id, address, client, until: 0 }
    countByAddress.set(address, count + 1)
    heldById.set(id, held)
    heldBySocket.set(socket, held)
    return held
  }

  const claim = ({ socket, address }: PresenceReport, client: number, claimed: Claim, second: number): void => {
    const held = holder(socket, address, client, claimed, second)
    if (held === undefined) return
    if (tally.claim(claimed, second)) held.until = Math.max(held.until, claimed.to)
  }

  const withdraw = (socket: object, client: number, second: number): void => {
    const held = heldBySocket.get(socket)
    if (held === undefined || held.client !== client) return
    tally.withdraw(held.id, second)
    held.until = second
  }

  return {
    hear(report) {
      const ms = clock.now()
      const second = Math.floor(ms / 1_000)
      let isAnswered = false
      for (const presence of report.presences) {
        const { client, state } = presence
        if (client === self) continue
        if (state === undefined) {
          withdraw(report.socket, client, second)
          continue
        }
        const said = parseReport(readState(presence))
        if (said === undefined) continue
        isAnswered = true
        if (said !== 'when') claim(report, client, said, second)
      }
      if (!isAnswered) return undefined
      return { client: self, clock: ++answers, state: encoder.encode(JSON.stringify(answerState(ms))) }
    },
    sweep(second) {
      for (const held of [...heldById.values()]) if (held.until <= second - MOST_CLAIM_SECONDS) forget(held)
    }
  }
}
