import * as Y from 'yjs'
import type { OpenRelay } from '#server/rooms/open/open-relay-ports.ts'
import type { ConnectionHandle } from '#server/rooms/relay-ports.ts'
import type { DiskRoom } from '#server/storage/memory/memory-room-disk.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import { createWire, type Wire } from '#testing/wire.ts'
import type { Gate } from '#testing/world/gate.ts'
import type { Client } from './client.ts'
import type { Flaw } from './flaws.ts'
import { heldIn, updateOn } from './held-bytes.ts'
import { goneMessage, readMessage, writeBytes } from './messages.ts'
import type { Line, Oracle } from './oracle.ts'
import type { Weather } from './weather.ts'

/** The sockets of a relay's machine. The oracle sees what passes; flaws of what a relay says are made here. */
export interface Lines {
  dial(relay: OpenRelay, gate: Gate, client: Client, bytesPerMs: number): Wire
  /** Those that are open. */
  open(): readonly Line[]
  /** Of any socket that ever led here. */
  of(wire: Wire): Line | undefined
  /** The machine died: what was under way is lost. */
  cut(): void
}

export interface LinesOptions {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly weather: () => Weather
  readonly oracle: () => Oracle
  /** What is durable of a room. */
  readonly roomOn: (room: string) => DiskRoom | undefined
  readonly flaw: Flaw | undefined
}

export const createLines = ({ scheduler, random, weather, oracle, roomOn, flaw }: LinesOptions): Lines => {
  let lines: readonly Line[] = []
  const lineByWire = new WeakMap<Wire, Line>()

  const claimAll = (room: string, bytes: Uint8Array): Uint8Array => {
    if (flaw !== 'claims-what-lies-behind-a-gap' || readMessage(bytes).kind !== 'step1') return bytes
    const held = heldIn(updateOn(roomOn(room)))
    const ends = [...held.structs].map(([client, runs]) => [client, runs.at(-1)?.[1] ?? 0] as const)
    const claimed = Y.encodeStateVector(new Map(ends))
    const step1 = writeBytes(0, claimed)
    return new Uint8Array([0, 0, ...step1.subarray(1)])
  }

  const tell = (line: Line, bytes: Uint8Array): number => {
    if (!line.isOpen) return 0
    const told = claimAll(line.room, bytes)
    const toAll = flaw === 'answer-to-everybody' && readMessage(told).kind === 'step2'
    for (const each of toAll ? lines : [line]) {
      if (each.room !== line.room || !each.isOpen) continue
      oracle().sends(each, told, each.wire.relay.buffered())
      each.wire.relay.send(told)
    }
    return line.wire.relay.buffered()
  }

  const takePresenceAway = (line: Line): void => {
    if (flaw !== 'old-socket-takes-presence-away' || line.presence === undefined) return
    const bytes = goneMessage(line.client.doc.clientID, line.presence.clock + 1_000)
    for (const each of lines) if (each.room === line.room) tell(each, bytes)
  }

  const close = (line: Line): void => {
    line.isOpen = false
    lines = lines.filter((each) => each !== line)
  }

  const end = (line: Line, handle: ConnectionHandle): void => {
    if (!line.isOpen) return
    close(line)
    takePresenceAway(line)
    if (flaw !== 'forgets-who-left') handle.closed()
  }

  const dial = (relay: OpenRelay, gate: Gate, client: Client, bytesPerMs: number): Wire => {
    const wire = createWire({ scheduler, random, name: client.name, bytesPerMs, weather: () => weather().wire })
    const line: Line = {
      client,
      room: client.room,
      wire,
      isOpen: true,
      gate,
      asked: [],
      presence: undefined,
      heardAt: scheduler.now(),
      toldAt: scheduler.now(),
      most: 0
    }
    lines = [...lines, line]
    lineByWire.set(wire, line)
    const socket = {
      send: (bytes: Uint8Array) => tell(line, bytes),
      sendPrepared: ({ bytes }: { readonly bytes: Uint8Array }) => tell(line, bytes),
      close: (code: number) => {
        close(line)
        wire.relay.close(code, '')
      }
    }
    const handle = relay.connect(socket, {
      path: encodeURIComponent(client.room),
      token: client.mayWrite ? undefined : 'read',
      origin: undefined,
      address: client.name
    })
    wire.relay.hear.message = gate.in((bytes: Uint8Array) => {
      if (!line.isOpen) return
      oracle().hears(line, bytes)
      if (flaw === 'drops-an-update' && readMessage(bytes).kind === 'update' && random.chance(0.05)) return
      handle.message(bytes)
    })
    wire.relay.hear.closed = gate.in(() => end(line, handle))
    wire.relay.hear.drained = gate.in(() => line.isOpen && handle.drained())
    return wire
  }

  return {
    dial,
    open: () => lines,
    of: (wire) => lineByWire.get(wire),
    cut() {
      for (const line of lines) {
        line.isOpen = false
        line.wire.cut()
      }
      lines = []
    }
  }
}
