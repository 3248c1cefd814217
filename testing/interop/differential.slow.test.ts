import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setupWSConnection } from '@y/websocket-server/utils'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { writeUpdate } from 'y-protocols/sync'
import type * as Y from 'yjs'
import { makeHistory } from '#testing/open-world/edits.ts'
import { writeMessage } from '#testing/open-world/messages.ts'
import { createRandom } from '#testing/random.ts'
import { openScene, sameDocument } from './scene.ts'
import { createStockClient, eventually } from './stock-client.ts'

/** The server of Yjs's own authors, in memory. */
const openPeer = async () => {
  const server = createServer()
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket, request) => setupWSConnection(socket, request))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

const SOCKETS = 3

/** The same messages in the same order over each of three sockets; which of the three is ahead is up to the server's machine. */
const send = async (origin: string, room: string, seed: number): Promise<void> => {
  const random = createRandom(seed)
  const updates = makeHistory(random, 3, 60)
  const lost = random.below(updates.length)
  const queues = Array.from({ length: SOCKETS }, () => [] as Uint8Array[])
  updates.forEach((update, index) => {
    const queue = random.pick(queues)
    // One comes twice, and one late, so that what was built on it waits behind a gap.
    if (index !== lost) queue.push(update)
    if (random.chance(0.1)) queue.push(update)
  })
  queues[0]?.push(updates[lost] ?? new Uint8Array([0, 0]))
  await Promise.all(
    queues.map(async (queue) => {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/y/${encodeURIComponent(room)}`)
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
      for (const update of queue) socket.send(writeMessage(0, (to) => writeUpdate(to, update)))
      // Whoever closes has been read to the end.
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.close()
      await closed
    })
  )
}

const documentAt = async (origin: string, room: string, isDone: (doc: Y.Doc) => boolean): Promise<Y.Doc> => {
  const client = createStockClient('3.1', origin, room)
  await eventually(
    () => client.provider.synced && isDone(client.doc),
    () => `${origin} ${room}`
  )
  client.provider.destroy()
  return client.doc
}

test('[OR13] the same seeded traffic leaves the same document as at @y/websocket-server', async () => {
  await using scene = await openScene()
  await using peer = await openPeer()
  for (let seed = 1; seed <= 60; seed++) {
    const room = `seed ${seed}`
    await Promise.all([send(scene.relay().origin, room, seed), send(peer.origin, room, seed)])
    const theirs = await documentAt(peer.origin, room, () => true)
    const ours = await documentAt(scene.relay().origin, room, (doc) => sameDocument(doc, theirs))
    expect(sameDocument(ours, theirs), `seed ${seed}`).toBe(true)
    expect(ours.getText('text').length + ours.getArray('array').length).toBeGreaterThan(0)
  }
})
