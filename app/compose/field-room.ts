import type { FieldCounts, FieldFacts, FieldLink } from '#app/domain/field/facts.ts'
import { createFieldDoc, type FieldDoc } from '#app/store/field-doc.ts'
import type { Shelf } from '#app/store/ports.ts'
import type { createOpenRoom, OpenRoom } from '#app/sync/open-room.ts'
import { createReporter, type ReporterPorts } from '#app/sync/open-room-reporter.ts'
import { createCell, type Readable } from '#app/ui/parts/live.ts'
import { type FieldMonth, fieldMonthAt, fieldMonthBefore, fieldRoom } from '#core/field.ts'
import { addHours, DAYS_SHOWN, HOURS_SHOWN, lastDays, lastHours, type People, peopleNow } from '#core/field-counts.ts'

export interface FieldRoomParts extends Pick<ReporterPorts, 'mono' | 'setTimer' | 'newId' | 'claimed'> {
  readonly shelf: Pick<Shelf, 'get' | 'put'>
  readonly openRoom: typeof createOpenRoom
  /** Which relay to ask: ws(s)://host, `present` while that is still chosen, or null where everything stays on this device. */
  readonly relay: (present: string | null) => string | null
  /** Epoch ms by the device's own clock: says which month to ask for first. */
  readonly now: () => number
  readonly offsetMinutes: () => number
}

/** The field of one relay on this device: read while somebody looks or is counted, and kept. */
export interface FieldRoom extends Readable<FieldFacts> {
  look(on: boolean): void
  practise(on: boolean): void
}

interface Kept {
  readonly relay: string
  readonly month: FieldMonth
  readonly bytes: Uint8Array
  readonly before: Uint8Array
  readonly people: People
  readonly asOfMs: number
}

const SHELF_KEY = 'field/last'
const LOOK_AGAIN_MS = 5_000
/** Turning a page is not leaving. */
const LINGER_MS = 10_000
const KEEP_EVERY_MS = 20_000
/** A relay that is there answers sooner. */
const ANSWERS_WITHIN_MS = 4_000

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' && value !== null && 'relay' in value && 'asOfMs' in value && 'bytes' in value

interface Months {
  readonly relay: string
  readonly month: FieldMonth
  readonly current: FieldDoc
  readonly before: FieldDoc
}

export const createFieldRoom = (parts: FieldRoomParts): FieldRoom => {
  const { shelf, mono, setTimer, openRoom } = parts
  const facts = createCell<FieldFacts>({ link: 'connecting', counts: null, counted: false })
  let months: Months | null = null
  let room: OpenRoom | null = null
  let past: OpenRoom | null = null
  let openedAt = 0
  let keptAt = Number.NEGATIVE_INFINITY
  let shown: FieldLink = 'connecting'
  let known: { readonly people: People; readonly asOfMs: number } | null = null
  let isLooked = false
  let isPractising = false
  let isReady = false
  let cancelTick: () => void = () => {}
  let cancelClose: () => void = () => {}

  /** Who is connected stays there, unless the person has left that relay. */
  const relay = (): string | null => parts.relay(isConnected() ? (months?.relay ?? null) : null)

  const isConnected = (): boolean => room?.get() === 'connected' || room?.get() === 'synced'

  const reporter = createReporter({
    ...parts,
    room: { isConnected, say: (state) => room?.say(state) },
    onTime: () => show()
  })

  const link = (): FieldLink => {
    if (relay() === null) return 'no-relay'
    if (room === null) return 'away'
    if (room.get() === 'refused') return 'refused'
    if (room.get() === 'synced' && reporter.relayMs() !== null) return 'live'
    return mono() - openedAt < ANSWERS_WITHIN_MS ? 'connecting' : 'away'
  }

  const counts = (): FieldCounts | null => {
    if (months === null || known === null) return null
    const second = Math.floor(known.asOfMs / 1_000)
    const sums = addHours(months.current.hours(), months.before.hours())
    return {
      ...known,
      hours: lastHours(sums, second, HOURS_SHOWN),
      days: lastDays(sums, second, parts.offsetMinutes(), DAYS_SHOWN)
    }
  }

  const show = (): void => {
    const now = link()
    const relayMs = reporter.relayMs()
    if (now === 'live' && months !== null && relayMs !== null) {
      known = { people: peopleNow(months.current.now(), Math.floor(relayMs / 1_000)), asOfMs: Math.round(relayMs) }
      if (fieldMonthAt(relayMs / 1_000) !== months.month) reopen()
      else if (mono() - keptAt > KEEP_EVERY_MS) keep()
    }
    // What was true when the relay went is what is shown until it is back.
    if (shown === 'live' && now !== 'live') keep()
    shown = now
    facts.set({
      link: now,
      counts: counts(),
      counted: now === 'live' && known !== null && reporter.isCounted(known.people.second)
    })
  }

  const keep = (): void => {
    if (months === null || known === null) return
    keptAt = mono()
    const { relay, month, current, before } = months
    const kept: Kept = { relay, month, bytes: current.bytes(), before: before.bytes(), ...known }
    void shelf.put(SHELF_KEY, kept)
  }

  const beginMonths = (relay: string, month: FieldMonth): Months => {
    const begun = { relay, month, current: createFieldDoc(), before: createFieldDoc() }
    begun.current.subscribe(show)
    begun.before.subscribe(show)
    return begun
  }

  /** What this device kept of the relay, before anything comes. */
  const loadKept = async (): Promise<void> => {
    const found = await shelf.get(SHELF_KEY)
    const kept = found.ok && isKept(found.value) ? found.value : null
    if (kept === null || kept.relay !== parts.relay(kept.relay) || months !== null) return
    months = beginMonths(kept.relay, kept.month)
    if (!months.current.load(kept.bytes) || !months.before.load(kept.before)) months = null
    else known = { people: kept.people, asOfMs: kept.asOfMs }
  }

  const tick = (): void => {
    cancelTick()
    if (room === null) return
    show()
    cancelTick = setTimer(LOOK_AGAIN_MS, tick)
  }

  /** The month before hardly changes any more: it is asked for with each connection, and not followed. */
  const readPast = (): void => {
    if (months === null || past !== null || !isLooked) return
    const opened = openRoom({
      relay: months.relay,
      room: fieldRoom(fieldMonthBefore(months.month)),
      doc: months.before.doc
    })
    past = opened
    opened.subscribe(() => opened.get() === 'synced' && opened.close())
  }

  const open = (): void => {
    const address = relay()
    if (address === null || room !== null) return
    const month = fieldMonthAt((reporter.relayMs() ?? parts.now()) / 1_000)
    if (months?.relay !== address) known = null
    if (months?.relay !== address || months.month !== month) months = carriedOver(address, month)
    openedAt = mono()
    const opened = openRoom({ relay: address, room: fieldRoom(month), doc: months.current.doc })
    room = opened
    let wasConnected = false
    opened.subscribe(() => {
      if (room !== opened) return
      if (isConnected() !== wasConnected) {
        wasConnected = isConnected()
        if (wasConnected) reporter.connected()
        else {
          openedAt = mono()
          past?.close()
          past = null
          reporter.disconnected()
        }
      }
      if (opened.get() === 'synced') readPast()
      show()
    })
    opened.onSaid(reporter.heard)
    tick()
    cancelTick()
    cancelTick = setTimer(ANSWERS_WITHIN_MS, tick)
  }

  /** At the turn of a month the present document becomes the one before. */
  const carriedOver = (relay: string, month: FieldMonth): Months => {
    const next = beginMonths(relay, month)
    if (months?.relay === relay && months.month === fieldMonthBefore(month)) next.before.load(months.current.bytes())
    return next
  }

  const close = (): void => {
    cancelTick()
    keep()
    past?.close()
    past = null
    const closed = room
    room = null
    closed?.close()
    reporter.disconnected()
  }

  const reopen = (): void => {
    close()
    open()
  }

  const settle = (): void => {
    if (!isReady) return
    cancelClose()
    if (isLooked || isPractising) {
      if (room !== null && months !== null && months.relay !== relay()) close()
      open()
      if (room?.get() === 'synced') readPast()
      show()
    } else if (room !== null) cancelClose = setTimer(LINGER_MS, close)
  }

  void loadKept().then(() => {
    isReady = true
    show()
    settle()
  })

  return {
    get: facts.get,
    subscribe: facts.subscribe,
    look(on) {
      isLooked = on
      settle()
    },
    practise(on) {
      isPractising = on
      reporter.practise(on)
      settle()
    }
  }
}
