import type { OpenStoreFailure, RoomName } from '#server/rooms/open-ports.ts'
import type { Hammer } from './hammer-entries.fixture.ts'
import type { PostgresLog } from './postgres-log.ts'

export const ROOMS = ['one', 'two', 'three'] as readonly string[] as readonly RoomName[]

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

/** As in hammer-entries. A row is a line of text, a base the lines up to its end: what was lost or doubled shows. */
export const hammerRooms = ({ logs, random, onAnswer, fairWeather, isOver }: Hammer) => {
  const answered = new Map<string, string>()
  let failures = 0
  let nextLine = 1
  let adoptions = 0

  const isPassing = async (failure: OpenStoreFailure): Promise<void> => {
    if (failure.kind !== 'store') throw new Error(`refused: ${failure.kind}`)
    failures++
    await fairWeather()
  }

  const write = async (): Promise<void> => {
    while (!isOver()) {
      const batch = Array.from({ length: random.between(1, 4) }, () => ({
        room: random.pick(ROOMS),
        bytes: encode(`${nextLine++} ${'x'.repeat(random.below(200))}\n`)
      }))
      const results = await random.pick(logs).updates.append(batch)
      for (const [index, result] of results.entries()) {
        const { room, bytes } = batch[index] ?? { room: '', bytes: undefined }
        if (!result.ok) {
          await isPassing(result.error)
          continue
        }
        const key = `${room} ${result.value.seq}`
        if (answered.has(key)) throw new Error(`${key} was given twice`)
        answered.set(key, decode(bytes))
        onAnswer()
      }
    }
  }

  /** Follows a room: no gap where no base came between. Now and then it compacts. */
  const read = async (room: RoomName, { updates }: PostgresLog): Promise<void> => {
    let at = 0
    while (!isOver()) {
      const rows = await updates.readAfter(room, at, 20_000)
      if (!rows.ok) {
        await isPassing(rows.error)
        continue
      }
      for (const { seq } of rows.value) {
        if (seq !== at + 1) {
          const { value } = (await updates.load(room)) as { value?: { base?: { upto: number } } }
          if (value !== undefined && (value.base?.upto ?? 0) < seq - 1) throw new Error(`${room}: ${seq} after ${at}`)
        }
        at = seq
      }
      if (random.chance(0.1)) await compact(room, updates)
    }
  }

  const compact = async (room: RoomName, updates: PostgresLog['updates']): Promise<void> => {
    const loaded = await updates.load(room)
    if (!loaded.ok) return isPassing(loaded.error)
    const expected = loaded.value.base?.upto ?? 0
    const base = expected === 0 ? undefined : await updates.readBase(room, expected)
    const rows = await updates.readAfter(room, expected, 1e9)
    // Another log's base came between.
    if (base !== undefined && (!base.ok || base.value === undefined)) return
    if (!rows.ok || rows.value[0]?.seq !== expected + 1) return
    const { seq: upto = 0, mark = 0 } = rows.value.at(-1) ?? {}
    const text = decode(base?.value) + rows.value.map(({ bytes }) => decode(bytes)).join('')
    const empty = new Uint8Array()
    const staged = await updates.stage(room, { upto, bytes: encode(text), stateVector: empty, deletes: empty }, mark)
    const adopted = staged.ok ? await updates.adopt(room, expected, staged.value) : staged
    if (adopted.ok) adoptions++
    else if (adopted.error.kind !== 'cas') await isPassing(adopted.error)
  }

  const judge = async ({ updates }: PostgresLog) => {
    const problems: string[] = []
    for (const room of ROOMS) {
      const loaded = await updates.load(room)
      if (!loaded.ok) throw new Error(loaded.error.kind)
      const { head, base, tailRows } = loaded.value
      const bytes = base === undefined ? undefined : await updates.readBase(room, base.upto)
      const rows = await updates.readAfter(room, 0, 1e9)
      if (!rows.ok || bytes?.ok === false) throw new Error('refused')
      const lines = (decode(bytes?.value) + rows.value.map((row) => decode(row.bytes)).join('')).split(/(?<=\n)/)
      const count = head === 0 ? 0 : lines.length
      if (count !== head || rows.value.length !== tailRows) problems.push(`${room}: ${count} rows, head ${head}`)
      for (const [key, line] of answered) {
        const [name, seq] = key.split(' ')
        if (name === room && lines[Number(seq) - 1] !== line) problems.push(`lost: ${key}`)
      }
    }
    return { problems, answers: answered.size, failures, adoptions }
  }

  return { write, read, judge }
}
