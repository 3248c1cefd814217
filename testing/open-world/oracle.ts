import * as Y from 'yjs'
import type { OpenRelay } from '#server/rooms/open/open-relay-ports.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import type { MemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Wire } from '#testing/wire.ts'
import type { Count, Fail } from '#testing/world/counts.ts'
import type { Gate } from '#testing/world/gate.ts'
import type { Client } from './client.ts'
import { type Held, heldIn, heldUpTo, lacking, updateOn } from './held-bytes.ts'
import { readMessage } from './messages.ts'

/** One socket as the relay's machine sees it. */
export interface Line {
  readonly client: Client
  readonly room: string
  readonly wire: Wire
  isOpen: boolean
  /** Of its relay's process, by which lines of one relay are told from others'. */
  readonly gate: Gate
  /** What had been served to anyone when each step 1 arrived that has no answer yet. */
  asked: Held[]
  /** What this socket last said of its own client id; whether it said anything that no other socket had said before. */
  presence:
    | { readonly clock: number; readonly isHere: boolean; readonly isNews: boolean; readonly at: number }
    | undefined
  heardAt: number
  toldAt: number
  /** Most bytes that waited in it when something more was sent. */
  most: number
}

/** Sees all that goes in and out of the relay and what is on the disk at that moment, and knows what must not be. */
export interface Oracle {
  hears(line: Line, bytes: Uint8Array): void
  sends(line: Line, bytes: Uint8Array, waiting: number): void
  synced(client: Client, wire: Wire): void
  started(): void
  drained(relay: OpenRelay): void
  /** After every event of the world. */
  look(): void
  durable(room: string): Held
}

/** The socket of a client that said so little that it counts as gone. */
const SILENT_MS = 90_000
const READING_MS = 3_000
const HEARS_WITHIN_MS = 25_000

export const createOracle = (options: {
  readonly scheduler: Scheduler
  readonly disk: () => MemoryRoomDisk
  /** Sockets that are open at the relay. */
  readonly open: () => readonly Line[]
  readonly lineOf: (wire: Wire) => Line | undefined
  /** Whether several relays serve the disk. */
  readonly isShared: boolean
  readonly count: Count
  readonly fail: Fail
}): Oracle => {
  const { scheduler, disk, open, lineOf, isShared, count, fail } = options
  const known = new Map<string, { readonly of: string; readonly held: Held }>()
  /** By client id the highest that any socket or the relay has told. */
  const clocks = new Map<number, number>()
  /** By client id the clock with which it said itself that it leaves. */
  const goodbyes = new Map<number, number>()
  /** By room what this relay has served, or found on the disk when it started: nobody who asks may be told less. */
  let served = new Map<string, Uint8Array>()
  const judged = new WeakMap<Uint8Array, string>()

  const stampOf = (room: string): string => {
    const on = disk().rooms.get(room as RoomName)
    return on === undefined
      ? ''
      : `${on.head} ${on.base?.upto ?? 0} ${on.rows.length} ${on.base?.bytes.byteLength ?? 0}`
  }

  /** What was durable once stays so, whatever is rewritten. */
  const durable = (room: string): Held => {
    const before = known.get(room)
    const stamp = stampOf(room)
    if (before?.of === stamp) return before.held
    const held = heldIn(updateOn(disk().rooms.get(room as RoomName)))
    const lost = before && lacking(held, before.held)
    if (lost !== undefined) fail('OR11', `${room} lost from the disk: ${lost}`)
    known.set(room, { of: stamp, held })
    return held
  }

  /** One relay is asked for what it has served. Of several, any must answer with all that is durable: people go from one to another. */
  const owedTo = (line: Line): Held => (isShared ? durable(line.room) : heldIn(servedIn(line.room)))

  const servedIn = (room: string): Uint8Array => served.get(room) ?? new Uint8Array([0, 0])

  const mustBeDurable = (line: Line, update: Uint8Array): void => {
    const stamp = stampOf(line.room)
    if (judged.get(update) === stamp) return
    const missing = lacking(durable(line.room), heldIn(update))
    if (missing !== undefined) fail('OR8', `${line.client.name} was shown what is not durable: ${missing}`)
    judged.set(update, stamp)
    served.set(line.room, Y.mergeUpdates([servedIn(line.room), update]))
  }

  const mustBeHeld = (line: Line, stateVector: Uint8Array): void => {
    const held = durable(line.room)
    for (const [client, clock] of Y.decodeStateVector(stateVector)) {
      if (clock > heldUpTo(held, client)) {
        fail('OR4', `the relay claims ${client} to ${clock} and holds it to ${heldUpTo(held, client)}`)
      }
    }
  }

  /** Which relays a client id was heard at, and when last. */
  const places = new Map<number, Map<Gate, number>>()
  /** The end of a socket at one relay may be told at another after it came there with the clock it had: it is told so, and raises it. */
  const hasMoved = (client: number): boolean =>
    [...(places.get(client)?.values() ?? [])].filter((at) => scheduler.now() - at < SILENT_MS).length > 1

  const mayLeave = (line: Line, client: number): void => {
    for (const other of open()) {
      // Who comes back with an old clock is told so itself, and raises it.
      if (other === line) continue
      // What another relay tells of may be lost on the way; it is found out in the end.
      if (other.gate !== line.gate || hasMoved(client)) continue
      if (other.room !== line.room || other.client.doc.clientID !== client) continue
      if (other.presence?.isHere !== true || !other.presence.isNews) continue
      if ((goodbyes.get(client) ?? -1) >= other.presence.clock) continue
      // A socket's messages wait while a large one of it is read on the other thread.
      if (scheduler.now() - other.presence.at < READING_MS || scheduler.now() - other.heardAt > SILENT_MS) continue
      fail('OR16', `${other.client.name} was told to have left while its socket lives`)
    }
  }

  return {
    durable,
    started() {
      served = new Map([...disk().rooms].map(([room, on]) => [room, updateOn(on)]))
    },
    hears(line, bytes) {
      line.heardAt = scheduler.now()
      const heard = readMessage(bytes)
      if (heard.kind === 'step1') line.asked.push(owedTo(line))
      if (heard.kind !== 'awareness') return
      for (const { client, clock, state } of heard.entries) {
        const newest = clocks.get(client) ?? -1
        if (clock > newest) clocks.set(client, clock)
        if (client !== line.client.doc.clientID) continue
        places.set(client, (places.get(client) ?? new Map()).set(line.gate, scheduler.now()))
        if (state === null) goodbyes.set(client, clock)
        line.presence = {
          clock,
          isHere: state !== null,
          isNews: clock > newest || line.presence?.isNews === true,
          at: scheduler.now()
        }
      }
    },
    sends(line, bytes, waiting) {
      line.toldAt = scheduler.now()
      line.most = Math.max(line.most, waiting)
      const heard = readMessage(bytes)
      count(`relay sent ${heard.kind}`)
      if (heard.kind === 'step1') mustBeHeld(line, heard.body)
      if (heard.kind === 'step2' || heard.kind === 'update') mustBeDurable(line, heard.body)
      if (heard.kind === 'awareness') {
        for (const { client, clock, state } of heard.entries) {
          if (state !== null) continue
          mayLeave(line, client)
          // Its leaving has raised the clock: what it says with this one later is no news to anybody.
          if (clock > (clocks.get(client) ?? -1)) clocks.set(client, clock)
        }
      }
    },
    synced(client, wire) {
      const asked = lineOf(wire)?.asked.shift()
      // A room that was read anew answers those who are in it once more.
      if (asked === undefined) return
      const missing = lacking(heldIn(Y.encodeStateAsUpdate(client.doc)), asked)
      if (missing !== undefined) fail('OR5', `${client.name} is told to be synced and lacks ${missing}`)
    },
    drained(relay) {
      if (relay.counters.queuedBytes > 0) fail('OR8', 'a drained relay leaves updates that are not stored')
    },
    look() {
      for (const room of disk().rooms.keys()) durable(room)
      for (const line of open()) {
        // What waits for a slow socket will be heard.
        if (line.wire.relay.buffered() > 0 || line.gate.state() === 'frozen') line.toldAt = scheduler.now()
        if (scheduler.now() - line.toldAt <= HEARS_WITHIN_MS) continue
        fail('OR17', `${line.client.name} was told nothing for ${HEARS_WITHIN_MS} ms`)
        line.toldAt = scheduler.now()
      }
    }
  }
}
