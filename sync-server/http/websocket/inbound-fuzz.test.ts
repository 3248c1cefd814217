import { env } from 'node:process'
import type { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import * as ws from 'ws'
import { createRandom, type Random } from '#testing/random.ts'
import { clientFrame, join, limitsForTest, openReader } from './inbound.fixture.ts'

/** The same bytes into this reader and into that of `ws`: the same messages, or both refuse. */

const SEED = Number(env.SOCKET_SEED ?? Date.now() % 2 ** 31)
const STREAMS = Number(env.SOCKET_STREAMS ?? 600)
const MESSAGE_BYTES = 70_000

/** What both can say of a stream. Messages by content, refusals by code. */
type Line = string

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

interface Options {
  readonly isServer: boolean
  readonly maxPayload: number
}
const { Receiver } = ws as unknown as { readonly Receiver: new (options: Options) => Writable }

/** The codes that `ws` closes with hang on its errors under a symbol. */
const codeOf = (error: Error): number => {
  const symbol = Object.getOwnPropertySymbols(error).find((each) => each.description === 'status-code')
  return symbol === undefined ? 0 : ((error as unknown as Record<symbol, number>)[symbol] ?? 0)
}

const readWithWs = async (chunks: readonly Uint8Array[]): Promise<readonly Line[]> => {
  const lines: Line[] = []
  let isOver = false
  const say = (line: Line): void => {
    if (!isOver) lines.push(line)
  }
  const receiver = new Receiver({ isServer: true, maxPayload: MESSAGE_BYTES })
    .on('message', (data: Buffer, isBinary: boolean) => say(isBinary ? `message ${hex(data)}` : 'broken 4400'))
    .on('ping', (data: Buffer) => say(`ping ${hex(data)}`))
    .on('pong', () => say('pong'))
    .on('conclude', (code: number) => {
      say(`close ${code}`)
      isOver = true
    })
    .on('error', (error: Error) => {
      say(`broken ${codeOf(error)}`)
      isOver = true
    })
  for (const chunk of chunks) if (!isOver) receiver.write(Buffer.from(chunk))
  // Its errors come a tick later.
  await setImmediate()
  return lines
}

const readWithOurs = (chunks: readonly Uint8Array[]): readonly Line[] => {
  const { told, inbound, read } = openReader(limitsForTest({ messageBytes: MESSAGE_BYTES, fragments: 1_000_000 }))
  // Read in place, so what is given is gone.
  for (const chunk of chunks) read(chunk.slice())
  if (inbound.isOver || inbound.assembly === undefined) expect(inbound.limits.reception.bytes).toBe(0)
  return told.map((each) => {
    if (each.kind === 'pong') return 'pong'
    if (each.kind === 'broken') return `broken ${each.code}`
    return each.kind === 'close' ? `close ${each.code ?? 1005}` : `${each.kind} ${hex(each.bytes)}`
  })
}

const SIZES = [0, 1, 5, 124, 125, 126, 127, 300, 5_000, 65_535, 65_536, 69_999]

const control = (random: Random): Uint8Array =>
  clientFrame({ opcode: random.pick([9, 10]), payload: random.bytes(random.below(126)), mask: [...random.bytes(4)] })

const messageOf = (random: Random): Uint8Array => {
  const size = random.chance(0.1) ? random.pick(SIZES) : random.below(400)
  const payload = random.bytes(size)
  const parts: Uint8Array[] = []
  for (let at = 0, isFirst = true, isLast = false; !isLast; isFirst = false) {
    const end = random.chance(0.6) ? size : random.between(at, size)
    isLast = end === size && random.chance(0.9)
    parts.push(
      clientFrame({ opcode: isFirst ? 2 : 0, payload: payload.slice(at, end), isLast, mask: [...random.bytes(4)] })
    )
    if (!isLast && random.chance(0.3)) parts.push(control(random))
    at = end
  }
  return join(...parts)
}

const closing = (random: Random): Uint8Array =>
  clientFrame({
    opcode: 8,
    payload: random.chance(0.2)
      ? random.bytes(random.below(4))
      : join(Uint8Array.of(random.pick([3, 15, 11]), random.below(256)), random.bytes(random.below(3)))
  })

const streamOf = (random: Random): Uint8Array => {
  const parts = Array.from({ length: random.between(1, 5) }, () =>
    random.chance(0.2) ? control(random) : messageOf(random)
  )
  return join(...parts, ...(random.chance(0.3) ? [closing(random)] : []))
}

/** Where headers are small, so are most changes worth making. */
const mutate = (random: Random, stream: Uint8Array): Uint8Array => {
  const bytes = stream.slice()
  for (let changes = random.between(1, 3); changes > 0; changes--) {
    const at = random.chance(0.7) ? random.below(Math.min(bytes.length, 40)) : random.below(bytes.length)
    bytes[at] = random.chance(0.5) ? (bytes[at] ?? 0) ^ (1 << random.below(8)) : random.below(256)
  }
  return random.chance(0.2) ? bytes.slice(0, random.below(bytes.length + 1)) : bytes
}

const cut = (random: Random, stream: Uint8Array): readonly Uint8Array[] => {
  const longest = random.pick([1, 3, 20, 300, 100_000])
  const chunks: Uint8Array[] = []
  for (let at = 0; at < stream.length; ) {
    const end = at + random.between(1, longest)
    chunks.push(stream.slice(at, end))
    at = end
  }
  return stream.length > 20_000 && longest < 20 ? [stream] : chunks
}

/** A length in more bytes than it needs: RFC 6455 forbids it in section 5.2, `ws` takes it. */
const isPadded = (ours: readonly Line[], theirs: readonly Line[]): boolean =>
  ours.at(-1) === 'broken 1002' && ours.slice(0, -1).every((line, i) => line === theirs[i])

/** Text is refused here at its header, by `ws` at its end or for what it holds. */
const isText = (ours: readonly Line[], theirs: readonly Line[]): boolean =>
  ours.at(-1) === 'broken 4400' && ours.slice(0, -1).every((line, i) => line === theirs[i])

test(`[WS21] any stream comes to the same as with ws, however it is cut (seed ${SEED})`, async () => {
  const random = createRandom(SEED)
  const seen = { same: 0, padded: 0, text: 0, refused: 0, messages: 0 }
  for (let i = 0; i < STREAMS; i++) {
    const valid = streamOf(random)
    const chunks = cut(random, i % 3 === 0 ? valid : mutate(random, valid))
    const [ours, theirs] = [readWithOurs(chunks), await readWithWs(chunks)]
    seen.messages += ours.filter((line) => line.startsWith('message')).length
    if (ours.at(-1)?.startsWith('broken') === true) seen.refused++
    if (ours.join('\n') === theirs.join('\n')) seen.same++
    else if (i % 3 !== 0 && isText(ours, theirs)) seen.text++
    else if (i % 3 !== 0 && isPadded(ours, theirs)) seen.padded++
    else
      expect(
        ours.map((line) => line.slice(0, 60)),
        `SOCKET_SEED=${SEED}, stream ${i}`
      ).toEqual(theirs.map((line) => line.slice(0, 60)))
  }
  // A generator that makes only one kind of stream proves nothing.
  expect(seen.messages).toBeGreaterThan(STREAMS / 2)
  expect(seen.refused).toBeGreaterThan(STREAMS / 10)
  expect(seen.same).toBeGreaterThan(STREAMS * 0.8)
  expect(seen.padded).toBeLessThan(STREAMS / 10)
})
