import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startRelayProcess, temporaryFolder } from '#testing/wire/relay-process.ts'
import { wireEntry, wireRoot, wireShard } from '#testing/wire/root.ts'
import type { Wire } from '#testing/wire/wire.ts'
import { buildShim, losePower, settle } from './power.ts'
import { createTrace } from './trace.ts'

const root = wireRoot('durable')
const shard = wireShard(1)

/** Digests of what the relay acknowledged, in the order of their seqs. */
interface Acked {
  readonly bytesBySeq: Map<number, Uint8Array>
}

/** Keeps 20 pushes in flight until the socket dies. */
const pushUntilDeath = async (wire: Wire, acked: Acked, onAck: (count: number) => void): Promise<void> => {
  const inFlight = new Map<number, Uint8Array>()
  let ref = 0
  const push = (): void => {
    const entry = wireEntry(`entry ${++ref}`, { size: 300 })
    inFlight.set(ref, entry)
    wire.push(shard, [entry], ref)
  }
  for (let count = 0; count < 20; count++) push()
  try {
    for (;;) {
      const ack = await wire.expect('ack')
      const entry = inFlight.get(ack.ref)
      const [seq] = ack.seqs
      if (entry !== undefined && seq !== undefined) acked.bytesBySeq.set(seq, entry)
      onAck(acked.bytesBySeq.size)
      push()
    }
  } catch {
    // The socket is gone: what was acknowledged by then is what must be there.
  }
}

const readBack = async (wire: Wire): Promise<Map<number, Uint8Array>> => {
  const stored = new Map<number, Uint8Array>()
  wire.pull(shard)
  for (let cursor = { seq: 0, hash: new Uint8Array(16) }; ; ) {
    const frame = await wire.next()
    if (frame.type === 'entries') {
      for (const [index, item] of frame.items.entries())
        if (item.kind === 'entry') stored.set(frame.from + index, item.bytes)
      cursor = { ...cursor, seq: frame.from + frame.items.length - 1 }
    } else if (frame.type === 'head') {
      if (frame.seq <= cursor.seq) return stored
      throw new Error('the test reads faster than it is sent')
    }
  }
}

const missing = (acked: Acked, stored: ReadonlyMap<number, Uint8Array>): number =>
  [...acked.bytesBySeq].filter(([seq, bytes]) => Buffer.compare(bytes, stored.get(seq) ?? new Uint8Array()) !== 0)
    .length

interface KillOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly synchronous?: 'off'
  readonly beforeStart?: (folder: string) => Promise<void>
  readonly afterKill?: (folder: string) => Promise<void>
  readonly kills: number
}

/** Pushes, kills in the middle, starts again, compares. @returns acknowledged and lost over all kills. */
const killAndCompare = async ({ env = {}, synchronous, beforeStart, afterKill, kills }: KillOptions) => {
  await using folder = await temporaryFolder()
  const databasePath = join(folder.path, 'council.db')
  const acked: Acked = { bytesBySeq: new Map() }
  let lost = 0
  for (let round = 1; round <= kills; round++) {
    await beforeStart?.(folder.path)
    const relay = await startRelayProcess({
      databasePath,
      env,
      ...(synchronous && { query: `?synchronous=${synchronous}` })
    })
    const wire = await relay.dial()
    await wire.enter(root, relay.host)
    const goal = acked.bytesBySeq.size + 150 + round * 37
    await pushUntilDeath(wire, acked, (count) => {
      if (count === goal) void relay.kill()
    })
    await relay.kill()
    await afterKill?.(folder.path)
    const again = await startRelayProcess({ databasePath })
    const reader = await again.dial()
    await reader.enter(root, again.host)
    const stored = await readBack(reader)
    lost += missing(acked, stored)
    await again.stop()
    if (lost > 0) break
  }
  return { acked: acked.bytesBySeq.size, lost }
}

describe('durability of the real relay', () => {
  test('[RL40] SIGKILL in the middle of a push loses nothing that was acknowledged', { timeout: 180_000 }, async () => {
    const { acked, lost } = await killAndCompare({ kills: 3 })
    expect(acked).toBeGreaterThan(500)
    expect(lost).toBe(0)
  })

  test('[RL40] between the write of an entry to the log and its ACK lies an fdatasync of the log', {
    timeout: 180_000
  }, async () => {
    await using folder = await temporaryFolder()
    const trace = createTrace(folder.path)
    const relay = await startRelayProcess({ databasePath: join(folder.path, 'council.db'), wrapper: trace.wrapper })
    const wire = await relay.dial()
    await wire.enter(root, relay.host)
    for (let ref = 1; ref <= 20; ref++) {
      wire.push(shard, [wireEntry('', { size: 20_000 })], ref)
      await wire.expect('ack')
    }
    await relay.stop()
    expect(await trace.read(ACK)).toEqual({ answers: 20, unsynced: 0 })
  })

  test('[RL40] a disk that loses what was not synced loses nothing acknowledged, and would without the sync', {
    timeout: 300_000
  }, async () => {
    await using folder = await temporaryFolder()
    const shim = buildShim('unsynced', folder.path)
    const env = { LD_PRELOAD: shim, UNSYNCED_MATCH: 'council.db' }
    const full = await killAndCompare({ env, beforeStart: settle, afterKill: losePower, kills: 2 })
    expect(full.acked).toBeGreaterThan(300)
    expect(full.lost).toBe(0)
    const off = await killAndCompare({ env, synchronous: 'off', beforeStart: settle, afterKill: losePower, kills: 1 })
    expect(off.acked).toBeGreaterThan(100)
    expect(off.lost).toBeGreaterThan(0)
  })
})

/** ACK is frame 38 (0x26) in an unmasked binary WebSocket frame of less than 126 bytes: 0x82, length, 0x26; written in one piece or two. */
const ACK = /"\\x82\\x[0-7][0-9a-f](\\x26|", iov_len=2\}, \{iov_base="\\x26)/
