import * as Y from 'yjs'
import type { YClient } from './client.ts'
import type { RunningServer } from './process.ts'
import { addressOf, EMPTY, inBatches, join } from './rig.ts'
import type { Room, RoomOptions } from './rooms.ts'
import { createTally } from './tally.ts'
import { encodeAppend, FIRST_CLIENT } from './updates.ts'

/** @param server one for all clients, or several that they take in turn */
export const fillOpenRoom = async (
  server: RunningServer | readonly RunningServer[],
  options: RoomOptions
): Promise<Room> => {
  const servers: readonly RunningServer[] = 'pid' in server ? [server] : server
  const { name, clients: count, width, samples = 0, firstAddress = 0 } = options
  const tally = createTally({ ...options, writers: count })
  const clients: readonly YClient[] = await inBatches(count, 50, (client) =>
    join(servers[client % servers.length] as RunningServer, name, {
      stateVector: EMPTY,
      localAddress: addressOf(firstAddress + client),
      record: client < samples,
      onRun: (id, from, to) => tally.saw(client, id - FIRST_CLIENT, from, to, performance.now())
    })
  )
  const sentOf = (writer: number): readonly Uint8Array[] =>
    Array.from({ length: tally.sentBy(writer) }, (_, n) => encodeAppend(FIRST_CLIENT + writer, n, width))
  const textOf = (updates: Iterable<Uint8Array>): string => {
    const doc = new Y.Doc()
    for (const update of updates) Y.applyUpdate(doc, update)
    return doc.getText('t').toString()
  }
  return {
    tally,
    write(writer) {
      const n = tally.sent(writer, performance.now())
      clients[writer]?.update(encodeAppend(FIRST_CLIENT + writer, n, width))
    },
    refusals: () => 0,
    close() {
      for (const client of clients) client.close()
    },
    isConverged() {
      if (tally.gaps() > 0 || clients.some((_, client) => tally.missing(client) > 0)) return false
      const expected = textOf(clients.flatMap((_, writer) => sentOf(writer)))
      // Not every server sends a writer its own updates back, and a stock client has them anyway.
      return clients.every(
        ({ recorded }, index) => recorded.length === 0 || textOf([...recorded, ...sentOf(index)]) === expected
      )
    }
  }
}
