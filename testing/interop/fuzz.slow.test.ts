import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { SEALED_SUBPROTOCOLS } from '#core/close-codes.ts'
import { makeHistory } from '#testing/open-world/edits.ts'
import { writeBytes } from '#testing/open-world/messages.ts'
import { createRandom, type Random } from '#testing/random.ts'
import { openScene } from './scene.ts'
import { eventually } from './stock-client.ts'

const FOR_MS = 18_000
const ROUNDS = 6
const AT_ONCE = 16

/** Resident memory in bytes (Linux); undefined elsewhere. */
const memoryOf = (pid: number | undefined): number | undefined => {
  try {
    const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]
    return pages === undefined ? undefined : Number(pages) * 4_096
  } catch {
    return undefined
  }
}

const flipped = (random: Random, bytes: Uint8Array): Uint8Array => {
  const out = bytes.slice()
  for (let left = random.between(1, 4); left > 0; left--) out[random.below(out.length)] = random.below(256)
  return random.chance(0.2) ? out.slice(0, random.below(out.length)) : out
}

/** Messages that are almost right, and such that are nothing. */
const hostile = (random: Random, updates: readonly Uint8Array[]): Uint8Array | string =>
  random.pick<() => Uint8Array | string>([
    () => random.bytes(random.between(0, 64)),
    () => new Uint8Array([0, 2, ...writeBytes(0, flipped(random, random.pick(updates))).subarray(1)]),
    () => flipped(random, new Uint8Array([0, random.below(3), ...writeBytes(0, random.pick(updates)).subarray(1)])),
    () => flipped(random, new Uint8Array([1, 20, 1, 1, 1, 14, ...new TextEncoder().encode('{"name":"abc"}')])),
    () => new Uint8Array([0, 0, 5, 1, 0xff, 0xff, 0xff, 0x7f]),
    () => 'text'
  ])()

/** One socket after the other until the time is over. @returns messages sent. */
const attack = async (address: string, protocols: string[], random: Random, until: number): Promise<number> => {
  const updates = makeHistory(random, 2, 10)
  let sent = 0
  while (Date.now() < until) {
    const socket = new WebSocket(address, protocols)
    socket.on('error', () => undefined)
    const over = new Promise((resolve) => socket.once('close', resolve))
    await new Promise((resolve) => socket.once('open', resolve).once('close', resolve))
    for (let left = random.between(1, 30); left > 0 && socket.readyState === WebSocket.OPEN; left--) {
      socket.send(hostile(random, updates))
      sent++
      if (random.chance(0.2)) await new Promise((resolve) => setImmediate(resolve))
    }
    if (random.chance(0.5)) socket.close()
    else socket.terminate()
    await over
  }
  return sent
}

test('[OR3] [OR20] fuzzed bytes at both endpoints end no relay, disturb no other room and leave no memory behind', async () => {
  await using scene = await openScene()
  const { origin, child } = scene.relay()
  const ws = origin.replace('http', 'ws')
  const writer = scene.client('3.1', 'quiet')
  const reader = scene.client('1.5', 'quiet')
  await eventually(() => writer.provider.synced && reader.provider.synced)

  const round = async (forMs: number, seed: number): Promise<number> => {
    const random = createRandom(seed)
    const until = Date.now() + forMs
    const open = Array.from({ length: AT_ONCE }, (_, i) => attack(`${ws}/y/hostile-${i % 4}`, [], random.fork(), until))
    const sealed = Array.from({ length: 4 }, () =>
      attack(`${ws}/sealed`, [...SEALED_SUBPROTOCOLS], random.fork(), until)
    )
    return (await Promise.all([...open, ...sealed])).reduce((sum, each) => sum + each, 0)
  }

  writer.write('undisturbed ')
  // The first rounds fill the heap to where the engine begins to collect; what is left behind goes on growing after them.
  const counts: number[] = []
  const memory: number[] = []
  for (let seed = 1; seed <= ROUNDS; seed++) {
    counts.push(await round(FOR_MS / ROUNDS, seed))
    memory.push(Math.round((memoryOf(child.pid) ?? 0) / 1e6))
  }
  const sent = counts.reduce((sum, each) => sum + each, 0)
  console.log(`${counts.join(' + ')} hostile messages; memory ${memory.join(', ')} MB`)
  expect(sent).toBeGreaterThan(1_000)
  expect(child.exitCode).toBeNull()
  writer.write('throughout')
  await eventually(
    () => reader.text() === 'undisturbed throughout',
    () => reader.text()
  )
  expect(writer.traffic.closes).toEqual([])
  expect(reader.traffic.closes).toEqual([])
  const [earlier, , latest] = memory.slice(-3)
  if (earlier !== undefined && latest !== undefined) expect(latest - earlier).toBeLessThan(80)
})
