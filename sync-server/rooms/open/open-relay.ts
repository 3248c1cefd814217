import { OPEN_CLOSE } from '#core/close-codes.ts'
import { FIELD_ROOMS } from '#core/field.ts'
import { parseRoomName } from '#server/protocol/open/room-name.ts'
import { createNeighbours } from '#server/rooms/neighbours.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import { createPolling, type Polling } from '#server/rooms/polling.ts'
import type { ConnectionHandle, SharingSocketPort } from '#server/rooms/relay-ports.ts'
import { createLinks } from './links.ts'
import { createOpenCounters } from './open-counters.ts'
import { OPEN_LIMITS, type OpenLimits } from './open-limits.ts'
import type { OpenRelay, OpenRelayOptions, OpenRequest } from './open-relay-ports.ts'
import { createOpenRooms } from './open-rooms.ts'
import { createOpenings } from './rates.ts'
import { createRefusing } from './refusing.ts'
import { type Context, type Member, type Room, removeMember } from './room.ts'

const TICK_MS = 1_000
const DRAIN_STEPS = 40
const NOBODY: ConnectionHandle = { message() {}, drained() {}, closed() {} }
/** Of whoever enters from inside, for limits. */
const INSIDE = 'inside'

export const createOpenRelay = (options: OpenRelayOptions): OpenRelay => {
  const { bus, clock, random, admit, isShared = false, isOverloaded = () => false, onNews = () => {} } = options
  const limits: OpenLimits = { ...OPEN_LIMITS, ...options.limits }
  const counters = createOpenCounters()
  const members = new Set<Member>()
  const countByAddress = new Map<string, number>()
  const openings = createOpenings(limits)
  let isClosing = false
  let isHalted = false
  let isTicking = false

  const closeSocket = (socket: SharingSocketPort, code: number): void => {
    counters.closedByCode.set(code, (counters.closedByCode.get(code) ?? 0) + 1)
    socket.close(code)
  }

  const ctx: Context = {
    clock,
    limits,
    counters,
    isHalted: () => isHalted,
    close(member, code) {
      if (member.mode === 'closed') return
      // First out of the room: whatever closing sets off finds it gone.
      remove(member, false)
      closeSocket(member.socket, code)
    },
    settle: (room) => rooms.settle(room),
    report: (report) => options.onReport?.(report),
    failed: (room, reason) => onNews({ kind: 'failed', room: room.name, reason })
  }
  const neighbours = isShared
    ? createNeighbours({
        bus,
        clock,
        origin: random(8),
        topic: 'open relays',
        onGone: (origin) => rooms.gone(origin),
        onReturn: () => rooms.tellAgain()
      })
    : undefined
  const rooms = createOpenRooms(ctx, options, neighbours && createLinks(bus, neighbours))
  const polling: Polling | undefined = isShared
    ? createPolling({
        bus,
        clock,
        random,
        isWanted: () => !isHalted && members.size > 0,
        ask: () => rooms.look(() => polling?.untold())
      })
    : undefined
  const stopGap = isShared ? bus.onGap(() => !isHalted && rooms.tellAgain()) : () => {}

  const remove = (member: Member, endedItself: boolean): void => {
    if (member.mode === 'closed') return
    member.mode = 'closed'
    members.delete(member)
    removeMember(member.room, member)
    counters.connections = members.size
    const left = (countByAddress.get(member.address) ?? 1) - 1
    if (left > 0) countByAddress.set(member.address, left)
    else countByAddress.delete(member.address)
    rooms.left(member, endedItself)
  }

  const tick = (): void => {
    isTicking = false
    if (isHalted) return
    const now = clock.now()
    rooms.tick(now)
    neighbours?.tick(now)
    polling?.wake()
    refusing.tick(now)
    openings.tick(now)
    keepTicking()
  }

  const keepTicking = (): void => {
    if (isTicking || (rooms.size() === 0 && counters.heldSockets === 0)) return
    isTicking = true
    clock.after(TICK_MS, tick)
  }

  const refusing = createRefusing(clock, limits, counters, closeSocket, keepTicking)

  const memberOf = (socket: SharingSocketPort, address: string, room: Room, writes: boolean): Member => ({
    socket,
    address,
    room,
    writes,
    mode: 'live',
    index: 0,
    cursor: 0,
    cursorClaim: undefined,
    behindSince: 0,
    unread: 0,
    asked: undefined,
    inbox: undefined,
    isReading: false,
    wasWarned: false,
    brought: 0,
    messageTokens: limits.messagesBurst,
    byteTokens: limits.bytesBurst,
    tokensAt: clock.now()
  })

  const shut = (socket: SharingSocketPort, code: number): ConnectionHandle => {
    closeSocket(socket, code)
    return NOBODY
  }

  const enter = (socket: SharingSocketPort, address: string, name: RoomName, writes: boolean): ConnectionHandle => {
    const member = memberOf(socket, address, rooms.enter(name), writes)
    members.add(member)
    countByAddress.set(address, (countByAddress.get(address) ?? 0) + 1)
    counters.connections = members.size
    counters.joins++
    rooms.join(member)
    keepTicking()
    polling?.wake()
    return {
      message: (bytes) => rooms.receiving.message(member, bytes),
      drained: () => rooms.drained(member),
      closed: () => remove(member, true)
    }
  }

  const connect = (socket: SharingSocketPort, request: OpenRequest): ConnectionHandle => {
    const { address, path } = request
    if (isClosing || isHalted) return shut(socket, OPEN_CLOSE.goingAway)
    if ((countByAddress.get(address) ?? 0) >= limits.connectionsPerAddress) return shut(socket, OPEN_CLOSE.rate)
    const parsed = parseRoomName(path)
    if (!parsed.ok) return refusing.refuse(socket, address, path, 'this is not the name of a room')
    const name = parsed.value as RoomName
    const admission = admit(name, request)
    if (typeof admission === 'object') return refusing.refuse(socket, address, path, admission.refused)
    const isFull = rooms.size() >= limits.rooms && !rooms.has(name)
    if (isFull || isOverloaded()) return shut(socket, OPEN_CLOSE.unavailable)
    if (!rooms.has(name) && !openings.take(address, clock.now())) return shut(socket, OPEN_CLOSE.rate)
    return enter(socket, address, name, admission === 'write' && !name.startsWith(FIELD_ROOMS))
  }

  /** Everybody comes back elsewhere at once if everybody is sent away at once. */
  const sendAway = async (): Promise<void> => {
    const share = Math.ceil(members.size / DRAIN_STEPS)
    while (members.size > 0 && !isHalted) {
      let left = share
      for (const member of members) {
        if (left-- === 0) break
        ctx.close(member, OPEN_CLOSE.goingAway)
      }
      if (members.size > 0) {
        await new Promise<void>((resolve) => clock.after(limits.drainMs / DRAIN_STEPS, resolve))
      }
    }
  }

  const stop = (): void => {
    isHalted = true
    neighbours?.close()
    polling?.close()
    stopGap()
  }

  return {
    counters,
    connect,
    enterInside: (socket, room) =>
      isClosing || isHalted ? shut(socket, OPEN_CLOSE.goingAway) : enter(socket, INSIDE, room, true),
    async drain() {
      isClosing = true
      refusing.closeAll(OPEN_CLOSE.goingAway)
      await sendAway()
      await rooms.idle()
      rooms.presence.flush()
      neighbours?.leave()
      stop()
    },
    halt: stop
  }
}
