import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { createEncoder, length, toUint8Array, writeVarUint } from 'lib0/encoding'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness'
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import * as Y from 'yjs'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Wire } from '#testing/wire.ts'
import type { Count, Fail } from '#testing/world/counts.ts'
import { documentOf, editDocument } from './edits.ts'
import { writeBytes, writeMessage } from './messages.ts'

/** What y-websocket 3.1 does on a socket, on the world's time. */
export interface Client {
  readonly name: string
  readonly room: string
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly mayWrite: boolean
  /** Updates as this person made them, whatever became of them. */
  readonly made: readonly Uint8Array[]
  edit(): void
  setPresence(state: Record<string, unknown> | null): void
  /** A document received some other way than by the relay. */
  hearElsewhere(update: Uint8Array): void
  setOnline(online: boolean): void
  /** As a page that is closed politely. */
  leave(): void
  /** As a device that falls into the water: no goodbye. */
  vanish(): void
  wire(): Wire | undefined
  isSynced(): boolean
  isOnline(): boolean
  isGone(): boolean
  /** Whether what it made is still somewhere to come from. */
  keeps(): boolean
}

export interface ClientOptions {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly name: string
  readonly room: string
  readonly mayWrite: boolean
  /** undefined where nobody listens. */
  readonly dial: (client: Client) => Wire | undefined
  /** The line goes dead and neither side is told. */
  readonly hang: (wire: Wire) => void
  /** A step 2 came over this wire, and was applied. */
  readonly onSynced: (client: Client, wire: Wire) => void
  readonly count: Count
  readonly fail: Fail
}

const HANDSHAKE_MS = 20
const SILENCE_MS = 30_000
const RENEW_MS = 15_000
const CHECK_MS = 3_000
const MOST_BACKOFF_MS = 2_500

export const createClient = (options: ClientOptions): Client => {
  const { scheduler, random, name, room, count, fail } = options
  const doc = documentOf(random)
  const awareness = new Awareness(doc)
  // Its own timer runs on the machine's time; below is the same on the world's.
  clearInterval(awareness._checkInterval as NodeJS.Timeout)
  const made: Uint8Array[] = []
  const heardOf = new Map<number, number>()
  const origin = { name }
  let wire: Wire | undefined
  let online = true
  let gone = false
  let synced = false
  let failures = 0
  let heardAt = 0
  let renewedAt = scheduler.now()

  const send = (bytes: Uint8Array): void => wire?.device.send(bytes)

  const lost = (ended: Wire): void => {
    if (wire !== ended) return
    wire = undefined
    synced = false
    const others = [...awareness.getStates().keys()].filter((id) => id !== doc.clientID)
    removeAwarenessStates(awareness, others, origin)
    failures++
    retry()
  }

  const retry = (): void => {
    scheduler.after(Math.min(2 ** failures * 100, MOST_BACKOFF_MS), '', connect)
  }

  const hear = (from: Wire, bytes: Uint8Array): void => {
    if (wire !== from || gone) return
    heardAt = scheduler.now()
    const decoder = createDecoder(bytes)
    const type = readVarUint(decoder)
    if (type === 1) applyAwarenessUpdate(awareness, readVarUint8Array(decoder), origin)
    if (type !== 0) return
    const reply = createEncoder()
    writeVarUint(reply, 0)
    const step = readSyncMessage(decoder, reply, doc, origin, (cause) => fail('OR13', `${name}: ${cause}`))
    if (length(reply) > 1) send(toUint8Array(reply))
    if (step !== 1) return
    synced = true
    failures = 0
    count('client synced')
    options.onSynced(client, from)
  }

  const connect = (): void => {
    if (gone || !online || wire !== undefined) return
    scheduler.after(HANDSHAKE_MS, '', () => {
      if (gone || !online || wire !== undefined) return
      const dialled = options.dial(client)
      if (dialled === undefined) {
        failures++
        retry()
        return
      }
      wire = dialled
      heardAt = scheduler.now()
      dialled.device.hear.message = (bytes) => hear(dialled, bytes)
      dialled.device.hear.closed = (code) => {
        count(`client closed ${code}`)
        if (code >= 4400 && code < 4500) fail('OR3', `${name} was refused with ${code}`)
        lost(dialled)
      }
      send(writeMessage(0, (to) => writeSyncStep1(to, doc)))
      if (awareness.getLocalState() !== null) tellPresence([doc.clientID])
    })
  }

  const tellPresence = (clients: readonly number[]): void =>
    send(writeBytes(1, encodeAwarenessUpdate(awareness, [...clients])))

  doc.on('update', (update: Uint8Array, from: unknown) => {
    if (from === null || from === undefined) made.push(update)
    if (from !== origin) send(writeMessage(0, (to) => writeUpdate(to, update)))
  })
  awareness.on('update', (changed: { added: number[]; updated: number[]; removed: number[] }) => {
    for (const id of [...changed.added, ...changed.updated]) heardOf.set(id, scheduler.now())
    tellPresence([...changed.added, ...changed.updated, ...changed.removed])
  })

  const check = (): void => {
    if (gone) return
    scheduler.after(CHECK_MS, '', check)
    const now = scheduler.now()
    const outdated = [...awareness.getStates().keys()].filter(
      (id) => id !== doc.clientID && now - (heardOf.get(id) ?? 0) >= SILENCE_MS
    )
    if (outdated.length > 0) {
      count('presence timed out at a client')
      removeAwarenessStates(awareness, outdated, 'timeout')
    }
    const state = awareness.getLocalState()
    if (state !== null && now - renewedAt >= RENEW_MS) {
      renewedAt = now
      awareness.setLocalState(state)
    }
    if (wire !== undefined && now - heardAt > SILENCE_MS) {
      count('client heard nothing for 30 s')
      const silent = wire
      silent.device.close(1000, '')
      lost(silent)
    }
  }

  const drop = (): void => {
    const open = wire
    if (open === undefined) return
    lost(open)
    open.device.close(1000, '')
  }

  const client: Client = {
    name,
    room,
    doc,
    awareness,
    mayWrite: options.mayWrite,
    made,
    edit: () => editDocument(doc, random),
    setPresence(state) {
      renewedAt = scheduler.now()
      awareness.setLocalState(state)
    },
    hearElsewhere: (update) => Y.applyUpdate(doc, update, 'elsewhere'),
    setOnline(value) {
      if (online === value || gone) return
      online = value
      if (value) {
        connect()
        return
      }
      const open = wire
      if (open !== undefined) {
        lost(open)
        open.cut()
      }
    },
    leave() {
      if (gone) return
      awareness.setLocalState(null)
      drop()
      gone = true
    },
    vanish() {
      if (gone) return
      const open = wire
      gone = true
      wire = undefined
      if (open !== undefined) options.hang(open)
    },
    wire: () => wire,
    isSynced: () => synced,
    isOnline: () => online,
    isGone: () => gone,
    keeps: () => !gone
  }
  awareness.setLocalState({ name, n: 0 })
  check()
  connect()
  return client
}
