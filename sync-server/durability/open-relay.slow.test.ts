import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { OPEN_CLOSE } from '#core/close-codes.ts'
import { startRelayProcess, temporaryFolder } from '#testing/wire/relay-process.ts'
import { buildShim, losePower, settle } from './power.ts'
import { createTrace } from './trace.ts'

const ROOM = 'notes/today'

/** A stock client with a document of its own. */
const enterRoom = async (origin: string) => {
  const doc = new Y.Doc()
  const provider = new WebsocketProvider(`${origin.replace('http', 'ws')}/y`, ROOM, doc, {
    WebSocketPolyfill: WebSocket as never,
    disableBc: true
  })
  await new Promise<void>((resolve) => provider.on('sync', (isSynced: boolean) => isSynced && resolve()))
  const list = doc.getArray<number>('list')
  return {
    list,
    /** Resolves when the list holds so many. */
    reaches: (count: number) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (list.length >= count) resolve()
        }
        list.observe(look)
        look()
      }),
    /** The code its next end comes with. */
    closed: () =>
      new Promise<number | undefined>((resolve) =>
        provider.once('connection-close', (event: { readonly code: number } | null) => resolve(event?.code))
      ),
    leave(): void {
      provider.destroy()
      doc.destroy()
    }
  }
}

interface KillOptions {
  readonly kills: number
  readonly env?: Readonly<Record<string, string>>
  readonly beforeStart?: (folder: string) => Promise<void>
  readonly afterKill?: (folder: string) => Promise<void>
}

/** One writes, one watches; the relay is killed in between, and what the second saw must be there for a third. */
const killAndCompare = async ({ kills, env = {}, beforeStart, afterKill }: KillOptions) => {
  await using folder = await temporaryFolder()
  const databasePath = join(folder.path, 'council.db')
  let lost = 0
  let shown = 0
  for (let round = 1; round <= kills; round++) {
    await beforeStart?.(folder.path)
    const relay = await startRelayProcess({ databasePath, env })
    const [writer, watcher] = [await enterRoom(relay.origin), await enterRoom(relay.origin)]
    const goal = watcher.list.length + 60 + round * 23
    const writing = setInterval(() => writer.list.push([writer.list.length]), 1)
    await watcher.reaches(goal)
    await relay.kill()
    clearInterval(writing)
    const seen = watcher.list.toArray()
    writer.leave()
    watcher.leave()
    await afterKill?.(folder.path)
    const again = await startRelayProcess({ databasePath })
    const reader = await enterRoom(again.origin)
    const stored = new Set(reader.list.toArray())
    lost += seen.filter((each) => !stored.has(each)).length
    shown = seen.length
    reader.leave()
    await again.stop()
  }
  return { shown, lost }
}

describe('open rooms of the real relay', () => {
  test('[OR8] SIGKILL while edits stream loses none that anybody else was shown', { timeout: 180_000 }, async () => {
    const { shown, lost } = await killAndCompare({ kills: 5 })
    expect(shown).toBeGreaterThan(400)
    expect(lost).toBe(0)
  })

  test('[OR8] nor does a power cut', { timeout: 180_000 }, async () => {
    await using folder = await temporaryFolder()
    const env = { LD_PRELOAD: buildShim('unsynced', folder.path), UNSYNCED_MATCH: 'council.db' }
    const { shown, lost } = await killAndCompare({ kills: 2, env, beforeStart: settle, afterKill: losePower })
    expect(shown).toBeGreaterThan(100)
    expect(lost).toBe(0)
  })

  test('[OR8] between the write of an edit to the log and its way to the others lies an fdatasync of the log', {
    timeout: 120_000
  }, async () => {
    await using folder = await temporaryFolder()
    const trace = createTrace(folder.path)
    const relay = await startRelayProcess({ databasePath: join(folder.path, 'council.db'), wrapper: trace.wrapper })
    const [writer, watcher] = [await enterRoom(relay.origin), await enterRoom(relay.origin)]
    for (let count = 1; count <= 20; count++) {
      writer.list.push([count])
      await watcher.reaches(count)
    }
    writer.leave()
    watcher.leave()
    await relay.stop()
    expect(await trace.read(UPDATE)).toEqual({ answers: 20, unsynced: 0 })
  })

  test('[OR9] a full store shows nobody what it cannot keep, and tells its author to come back later', {
    timeout: 60_000
  }, async () => {
    await using folder = await temporaryFolder()
    const databasePath = join(folder.path, 'council.db')
    const relay = await startRelayProcess({ databasePath, env: { STORE_MEGABYTES: '1' } })
    const [writer, watcher] = [await enterRoom(relay.origin), await enterRoom(relay.origin)]
    writer.list.push([1])
    await watcher.reaches(1)
    const closed = writer.closed()
    writer.list.push(Array.from({ length: 700_000 }, (_, index) => index))
    expect(await closed).toBe(OPEN_CLOSE.unavailable)
    watcher.list.push([2])
    const reader = await enterRoom(relay.origin)
    await reader.reaches(2)
    expect(reader.list.toArray()).toEqual([1, 2])
    expect(watcher.list.toArray()).toEqual([1, 2])
    for (const each of [writer, watcher, reader]) each.leave()
    await relay.stop()
  })

  test('SIGTERM: what was shown is there after the start, and the client comes back by itself', {
    timeout: 60_000
  }, async () => {
    await using folder = await temporaryFolder()
    const databasePath = join(folder.path, 'council.db')
    const relay = await startRelayProcess({ databasePath })
    const [writer, watcher] = [await enterRoom(relay.origin), await enterRoom(relay.origin)]
    for (let count = 1; count <= 50; count++) writer.list.push([count])
    await watcher.reaches(50)
    const port = new URL(relay.origin).port
    expect(await relay.stop()).toBe(0)
    writer.list.push([51])
    const again = await startRelayProcess({ databasePath, env: { PORT: port } })
    await watcher.reaches(51)
    writer.leave()
    watcher.leave()
    expect(await again.stop()).toBe(0)
  })
})

/** An update in an unmasked binary frame of less than 126 bytes: 0x82, length, 0 (sync), 2 (update); written in one piece or two. */
const UPDATE = /\\x82\\x[0-7][0-9a-f](\\x00\\x02|", iov_len=2\}, \{iov_base="\\x00\\x02)/
