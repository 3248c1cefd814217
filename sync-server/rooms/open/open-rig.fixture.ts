import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { createEncoder, length, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import * as Y from 'yjs'
import { err, ok } from '#core/result.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { encodeDeletes } from '#server/protocol/open/ranges.ts'
import type { Merger, UpdateLog } from '#server/rooms/open-ports.ts'
import type { Bus } from '#server/rooms/ports.ts'
import type { Clock, ConnectionHandle, SharingSocketPort } from '#server/rooms/relay-ports.ts'
import { collectGarbage, diffUpdate, mergeUpdates, readUpdate } from '#server/rooms/yjs.ts'
import { createMemoryRoomDisk, type MemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createMemoryUpdateLog } from '#server/storage/memory/memory-update-log.ts'
import { createScheduler, type Scheduler } from '#testing/scheduler.ts'
import { createOpenRelay } from './open-relay.ts'
import type { OpenRelay, OpenRelayOptions, OpenRequest } from './open-relay-ports.ts'
import { createTestSocket, type TestSocket } from './test-socket.fixture.ts'

/** A relay on virtual time, with clients that do on a socket what y-websocket does. */

export const EPOCH = Date.UTC(2026, 0, 1)

/** Merges on the thread of the test; what it does is what the worker's does. */
export const createTestMerger = (): Merger => ({
  inspect: async (update) => readUpdate(update),
  merge: async (updates) => mergeUpdates(updates),
  diff: async (update, stateVector) => diffUpdate(update, stateVector),
  async rebuild(base, rows) {
    const bytes = collectGarbage(mergeUpdates([...(base === undefined ? [] : [base]), ...rows.map((row) => row.bytes)]))
    const facts = readUpdate(bytes)
    if (!facts.ok) return err('undecodable')
    const stateVector = Y.encodeStateVectorFromUpdate(bytes)
    return ok({
      upto: rows.at(-1)?.seq ?? 0,
      bytes,
      stateVector,
      deletes: facts.value.deletes ?? encodeDeletes(new Map())
    })
  },
  close: async () => {}
})

export interface Client {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly socket: TestSocket
  readonly handle: ConnectionHandle
  /** Step 2 messages that came. */
  synced: number
  text(): string
  write(text: string): void
  send(bytes: Uint8Array): void
  /** The socket reads again and has read everything. */
  read(): void
  leave(): void
}

const message = (write: (encoder: ReturnType<typeof createEncoder>) => void): Uint8Array => {
  const encoder = createEncoder()
  write(encoder)
  return toUint8Array(encoder)
}

export interface Rig {
  readonly scheduler: Scheduler
  readonly disk: MemoryRoomDisk
  readonly relay: OpenRelay
  readonly log: UpdateLog
  readonly news: string[]
  client(room: string, options?: { doc?: Y.Doc; address?: string; isPresent?: boolean }): Client
  connect(socket: SharingSocketPort, request?: Partial<OpenRequest>): ConnectionHandle
  run(ms?: number): Promise<void>
}

export const openRig = (
  options: Partial<OpenRelayOptions> & {
    readonly disk?: MemoryRoomDisk
    readonly scheduler?: Scheduler
    readonly on?: Bus
  } = {}
): Rig => {
  const scheduler = options.scheduler ?? createScheduler()
  const disk = options.disk ?? createMemoryRoomDisk()
  const log = options.log ?? createMemoryUpdateLog({ disk, roomBytes: 1e9 })
  const clock: Clock = {
    now: () => EPOCH + scheduler.now(),
    after: (ms, run) => scheduler.after(ms, '', run)
  }
  const news: string[] = []
  let made = 0
  const relay = createOpenRelay({
    merger: createTestMerger(),
    bus: options.on ?? createMemoryBus(),
    clock,
    random: (bytes) => new Uint8Array(bytes).fill(++made),
    admit: () => 'write',
    onNews: ({ reason }) => news.push(reason),
    ...options,
    limits: { rebuildPauseMs: 0, ...options.limits },
    log
  })

  const connect = (socket: SharingSocketPort, request: Partial<OpenRequest> = {}): ConnectionHandle =>
    relay.connect(socket, { path: 'room', token: undefined, origin: undefined, address: '127.0.0.1', ...request })

  const client = (room: string, { doc = new Y.Doc(), address = '127.0.0.1', isPresent = false } = {}): Client => {
    const socket = createTestSocket()
    const awareness = new Awareness(doc)
    // y-protocols never takes a clock of 0 from another: a state counts from the first time it is set.
    awareness.setLocalState(isPresent ? {} : null)
    let isTold = true
    socket.onTaken = () => {
      if (!isTold) return
      isTold = false
      scheduler.after(0, '', () => {
        isTold = true
        if (socket.closedWith === undefined) handle.drained()
      })
    }
    const handle = connect(socket, { path: encodeURIComponent(room), address })
    let isOpen = true
    const send = (bytes: Uint8Array): void => {
      if (isOpen && socket.closedWith === undefined) handle.message(bytes)
    }
    const self: Client = {
      doc,
      awareness,
      socket,
      handle,
      synced: 0,
      text: () => doc.getText('text').toString(),
      write: (text) => doc.getText('text').insert(doc.getText('text').length, text),
      send,
      read() {
        ;(socket as TestSocket & { flush(): void }).flush()
        handle.drained()
      },
      leave() {
        isOpen = false
        awareness.destroy()
        doc.off('update', onUpdate)
        handle.closed()
      }
    }
    const hear = (bytes: Uint8Array): void => {
      const decoder = createDecoder(bytes)
      const type = readVarUint(decoder)
      if (type === 0) {
        const reply = createEncoder()
        writeVarUint(reply, 0)
        if (readSyncMessage(decoder, reply, doc, socket) === 1) self.synced++
        // A client answers from its own turn of the event loop.
        if (length(reply) > 1) scheduler.after(1, '', () => send(toUint8Array(reply)))
      } else if (type === 1) applyAwarenessUpdate(awareness, readVarUint8Array(decoder), socket)
    }
    socket.onMessage = hear
    for (const bytes of socket.received) hear(bytes)
    const onUpdate = (update: Uint8Array, origin: unknown): void => {
      if (origin === socket) return
      send(
        message((encoder) => {
          writeVarUint(encoder, 0)
          writeUpdate(encoder, update)
        })
      )
    }
    doc.on('update', onUpdate)
    const tellPresence = (clients: readonly number[]): Uint8Array =>
      message((encoder) => {
        writeVarUint(encoder, 1)
        writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, [...clients]))
      })
    awareness.on('update', ({ added, updated, removed }: { added: number[]; updated: number[]; removed: number[] }) => {
      const bytes = tellPresence([...added, ...updated, ...removed])
      scheduler.after(1, '', () => send(bytes))
    })
    send(
      message((encoder) => {
        writeVarUint(encoder, 0)
        writeSyncStep1(encoder, doc)
      })
    )
    if (isPresent) send(tellPresence([doc.clientID]))
    return self
  }

  return {
    scheduler,
    disk,
    relay,
    log,
    news,
    client,
    connect,
    run(ms = 100) {
      // What the test itself set in motion comes to rest before the first event too.
      scheduler.after(0, '', () => {})
      return scheduler.runUntil(scheduler.now() + ms)
    }
  }
}
