import * as Y from 'yjs'
import type { Room } from './rig.ts'
import { encodeAppend, FIRST_CLIENT } from './updates.ts'

/** Whether everybody got everything, and the clients that kept their updates have one and the same document, the merge of all that was sent. */
export const isConverged = (room: Room, width: number): boolean => {
  const { clients, tally } = room
  if (tally.gaps() > 0) return false
  if (clients.some((_, client) => tally.missing(client) > 0)) return false
  const expected = allText(room, width)
  return clients.every((client, index) => {
    if (client.recorded.length === 0) return true
    const doc = new Y.Doc()
    for (const update of client.recorded) Y.applyUpdate(doc, update)
    // Not every server sends a writer its own updates back, and a stock client has them anyway.
    for (const update of ownUpdates(room, index, width)) Y.applyUpdate(doc, update)
    return doc.getText('t').toString() === expected
  })
}

const ownUpdates = (room: Room, writer: number, width: number): readonly Uint8Array[] =>
  Array.from({ length: room.tally.sentBy(writer) }, (_, n) => encodeAppend(FIRST_CLIENT + writer, n, width))

const allText = (room: Room, width: number): string => {
  const doc = new Y.Doc()
  for (let writer = 0; writer < room.clients.length; writer++) {
    for (const update of ownUpdates(room, writer, width)) Y.applyUpdate(doc, update)
  }
  return doc.getText('t').toString()
}
