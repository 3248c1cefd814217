import * as Y from 'yjs'
import { decodeOpenMessage } from '#server/protocol/open/messages.ts'
import { readUpdate } from '#server/rooms/yjs.ts'
import { createMemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createMemoryUpdateLog } from '#server/storage/memory/memory-update-log.ts'
import type { OpenLimits } from './open-limits.ts'
import { createTestMerger, openRig } from './open-rig.fixture.ts'
import type { TestSocket } from './test-socket.fixture.ts'

/** Rooms whose reading of the store is counted. */

export const structsIn = (socket: TestSocket): number => {
  let structs = 0
  for (const bytes of socket.received) {
    const message = decodeOpenMessage(bytes)
    const facts = message.kind === 'update' ? readUpdate(message.update) : undefined
    if (facts?.ok) for (const runs of facts.value.runs.values()) for (const [from, to] of runs) structs += to - from
  }
  return structs
}

/** Calls that read a base, a page of rows, and that make a diff. */
export const counted = (limits: Partial<OpenLimits> = { tailRows: 5 }) => {
  const disk = createMemoryRoomDisk()
  const log = createMemoryUpdateLog({ disk, roomBytes: 1e9 })
  const merger = createTestMerger()
  const reads = { base: 0, rows: 0, diffs: 0 }
  return {
    reads,
    rig: openRig({
      log: {
        ...log,
        readBase: (...args) => {
          reads.base++
          return log.readBase(...args)
        },
        readAfter: (...args) => {
          reads.rows++
          return log.readAfter(...args)
        }
      },
      merger: {
        ...merger,
        diff: (...args) => {
          reads.diffs++
          return merger.diff(...args)
        }
      },
      limits
    })
  }
}

/** A room whose base and rows both hold text and deletions. */
export const filled = async () => {
  const { rig, reads } = counted()
  const writer = rig.client('room')
  await rig.run()
  const partly: Y.Doc[] = []
  for (let i = 0; i < 10; i++) {
    writer.write(`word ${i} `)
    if (i % 3 === 0) writer.doc.getText('text').delete(0, 2)
    await rig.run(20)
    if (i === 2 || i === 8) {
      const copy = new Y.Doc()
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(writer.doc))
      partly.push(copy)
    }
  }
  await rig.run(2_000)
  if (rig.relay.counters.rebuilds === 0) throw new Error('the base was not rewritten')
  writer.doc.getText('text').delete(3, 1)
  await rig.run()
  Object.assign(reads, { base: 0, rows: 0, diffs: 0 })
  return { rig, reads, writer, partly }
}
