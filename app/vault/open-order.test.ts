import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { bytesToHex } from '#core/bytes.ts'
import { type Cover, ENTRY_KIND } from '#core/entry.ts'
import type { Opened } from './ports.ts'
import { bytesOf, coversAfter, createScene, request, updatesOf, writeLines } from './vault.fixture.ts'

type Scene = Awaited<ReturnType<typeof createScene>>
let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})

test('[SE12] a cloned profile writes two lines with one counter, and both are read', async () => {
  const { forger, bob, shard, introduce } = scene
  const author = await forger.device()
  const first = await introduce(author)
  const [left, right] = [
    await forger.seal(author, shard, request(2, 'left', { prev: first.innerHash })),
    await forger.seal(author, shard, request(2, 'right', { prev: first.innerHash }))
  ]
  const next = await forger.seal(author, shard, request(3, 'after right', { prev: right.innerHash }))
  const opened = await bob.open(shard, [], bytesOf([first, left, right, next]))
  expect(updatesOf(opened)).toEqual(['left', 'right', 'after right'])
  const [, one, two] = opened
  if (one?.status !== 'update' || two?.status !== 'update') throw new Error('two updates')
  expect([one.counter, two.counter]).toEqual([2, 2])
  expect(bytesToHex(one.innerHash)).not.toBe(bytesToHex(two.innerHash))
})

test('[SE12] an old entry that comes again moves nobody back', async () => {
  const { forger, bob, shard, introduce } = scene
  const author = await forger.device()
  const log = [await introduce(author)]
  for (let counter = 2; counter < 5; counter++)
    log.push(await forger.seal(author, shard, request(counter, `line ${counter}`)))
  const [first, second, third, fourth] = bytesOf(log)
  if (!first || !second || !third || !fourth) throw new Error('four entries')
  const opened = await bob.open(shard, [], [first, second, third, second, fourth])
  expect(updatesOf(opened)).toEqual(['line 2', 'line 3', 'line 2', 'line 4'])
})

test('[SE12] sealed twice, an entry has one innerHash and can be told to be the same', async () => {
  const { forger, shard } = scene
  const author = await forger.device()
  const [once, twice] = [
    await forger.seal(author, shard, request(2, 'line')),
    await forger.seal(author, shard, request(2, 'line'))
  ]
  expect(once.innerHash).toEqual(twice.innerHash)
  expect(bytesToHex(once.digest)).not.toBe(bytesToHex(twice.digest))
})

test('[SE5] prev names the signed entry, whatever ciphertext it travels in', async () => {
  const { forger, alice, bob, shard } = scene
  const log = await writeLines(alice, shard, ['one', 'two'])
  const [, one] = log
  const author = await forger.device()
  const again = [await forger.seal(author, shard, request(2, 'x')), await forger.seal(author, shard, request(2, 'x'))]
  expect(again[0]?.innerHash).toEqual(again[1]?.innerHash)
  const opened = await bob.open(shard, [], bytesOf(log))
  expect(opened[2]).toMatchObject({ prev: one?.innerHash })
})

test('[SE14] however a log is cut, its entries are judged alike', async () => {
  const { forger, bob, shard, certificateOf, introduce } = scene
  const authors = [await forger.device(), await forger.device(), await forger.device()]
  const bomb = new Uint8Array(deflateRawSync(new Uint8Array(400_000)))
  const pool: Uint8Array[] = []
  for (const author of authors) {
    pool.push((await introduce(author)).bytes)
    for (let counter = 2; counter < 6; counter++) {
      pool.push((await forger.seal(author, shard, request(counter, `line ${counter}`))).bytes)
      pool.push((await forger.seal(author, shard, request(counter, `clone ${counter}`))).bytes)
      pool.push((await forger.seal(forger.unsigned(author), shard, request(counter, 'unsigned'))).bytes)
    }
    pool.push((await forger.sealDeflated(author, shard, request(2, ''), bomb)).bytes)
    const second = request(4, '', { kind: ENTRY_KIND.deviceCertificate, body: await certificateOf(author) })
    pool.push((await forger.seal(author, shard, second)).bytes)
    pool.push((await forger.seal(forger.unsigned(author), shard, { ...second, counter: 1 })).bytes)
    pool.push((await forger.seal(author, shard, request(1, '', { kind: ENTRY_KIND.deviceCertificate }))).bytes)
  }
  pool.push(Uint8Array.of(1, 1, 1, 0))
  const seen = new Set<string>()
  const anyLog = fc.oneof(
    fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 40 }),
    // In the order they were written, with gaps: here most entries can be judged.
    fc.subarray(pool, { minLength: 1 })
  )
  const gap = pool.slice(0, 1).concat(pool.slice(5))
  await fc.assert(
    fc.asyncProperty(anyLog, fc.array(fc.nat(40), { maxLength: 6 }), async (log, cuts) => {
      const whole = (await bob.open(shard, [], log)).map(verdictOf)
      for (const verdict of whole) seen.add(verdict.split(' ').slice(0, 2).join(' '))
      const edges = [0, ...cuts.map((cut) => cut % log.length).sort((a, b) => a - b), log.length]
      const pieces: string[] = []
      let known: Cover[] = []
      for (let i = 1; i < edges.length; i++) {
        const opened = await bob.open(shard, known, log.slice(edges[i - 1], edges[i]))
        known = coversAfter(known, opened)
        pieces.push(...opened.map(verdictOf))
      }
      expect(pieces).toEqual(whole)
    }),
    { numRuns: 60, examples: [pool, pool.toReversed(), gap].map((log) => [log, [3, 9, 20]]) }
  )
  for (const verdict of [
    'opaque unknown-device',
    'opaque predecessor',
    'invalid signature',
    'invalid inflate',
    'invalid malformed'
  ]) {
    expect([...seen], verdict).toContain(verdict)
  }
})

/** A verdict without its bytes, to compare. */
const verdictOf = (opened: Opened): string => {
  const name =
    opened.status === 'opaque' || opened.status === 'invalid' ? `${opened.status} ${opened.reason}` : opened.status
  const author = opened.status === 'invalid' ? opened.author : opened.status === 'opaque' ? undefined : opened
  return `${name} ${author ? `${author.device} ${author.counter} ${bytesToHex(author.innerHash)}` : ''} ${bytesToHex(opened.digest)}`
}
