import * as Y from 'yjs'
import { decodeOpenMessage, encodeStep1, encodeStep2, encodeUpdate } from '#server/protocol/open/messages.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import type { ConnectionHandle, SharingSocketPort } from '#server/rooms/relay-ports.ts'
import type { FieldOptions } from './ports.ts'

/** One of the relay's own documents, over a socket inside the process: what it writes goes the way of any edit. */
export interface RoomDoc {
  readonly doc: Y.Doc
  /** Whether the room's content is here. */
  isSynced(): boolean
  onSynced(run: () => void): void
  close(): void
}

const REENTER_MS = 1_000
const SYNC = 0
const STEP_2 = 1
/** Origin of what came from the room. */
const ROOM = 'room'

export const openRoomDoc = ({ clock, enter }: Pick<FieldOptions, 'clock' | 'enter'>, room: RoomName): RoomDoc => {
  const doc = new Y.Doc()
  let handle: ConnectionHandle | undefined
  let isSynced = false
  let isClosed = false
  let waiting: (() => void)[] = []

  const hear = (bytes: Uint8Array): void => {
    const message = decodeOpenMessage(bytes)
    if (message.kind === 'step1') {
      const answer = encodeStep2(Y.encodeStateAsUpdate(doc, message.stateVector))
      handle?.message(answer)
    } else if (message.kind === 'update') {
      Y.applyUpdate(doc, message.update, ROOM)
      if (bytes[0] !== SYNC || bytes[1] !== STEP_2) return
      isSynced = true
      for (const run of waiting) run()
      waiting = []
    }
  }

  const dial = (): void => {
    if (isClosed) return
    /** A room speaks while it is being entered, and does not expect to be answered before that has ended. */
    let early: Uint8Array[] | undefined = []
    let isOver = false
    const take = (bytes: Uint8Array): number => {
      if (isOver) return 0
      if (early !== undefined) early.push(bytes)
      else hear(bytes)
      return 0
    }
    const socket: SharingSocketPort = {
      send: take,
      sendPrepared: ({ bytes }) => take(bytes),
      close() {
        isOver = true
        handle = undefined
        clock.after(REENTER_MS, dial)
      }
    }
    const entered = enter(socket, room)
    clock.after(0, () => {
      if (isOver || isClosed) return
      handle = entered
      handle.message(encodeStep1(Y.encodeStateVector(doc)))
      const said = early ?? []
      early = undefined
      for (const bytes of said) hear(bytes)
    })
    leave = () => {
      isOver = true
      entered.closed()
    }
  }
  let leave = (): void => {}

  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== ROOM) handle?.message(encodeUpdate(update))
  })
  dial()
  return {
    doc,
    isSynced: () => isSynced,
    onSynced(run) {
      if (isSynced) run()
      else waiting.push(run)
    },
    close() {
      isClosed = true
      leave()
      handle = undefined
      doc.destroy()
      for (const run of waiting) run()
      waiting = []
    }
  }
}
