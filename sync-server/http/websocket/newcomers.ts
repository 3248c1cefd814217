import type { Socket } from 'node:net'

/** Who may come in: counted before anything is made for them. */

export interface NewcomerLimits {
  /** Open sockets of one address, all endpoints together; new ones come at a rate that follows from it. */
  readonly connectionsPerAddress: number
  /** Connections that have not said what they want. */
  readonly handshakes: number
  readonly handshakeSeconds: number
}

export const NEWCOMER_LIMITS: NewcomerLimits = { connectionsPerAddress: 256, handshakes: 4_096, handshakeSeconds: 10 }

interface Account {
  open: number
  /** New sockets it may still open at once. */
  tokens: number
  refilledAt: number
}

/** A whole allowance comes back in so many seconds. */
const REFILL_SECONDS = 10
/** Twice what may be open: a page that is loaded again closes and opens. */
const BURST = 2

export interface Doorkeeper {
  /** @returns 0 where it was let in, and counted; otherwise seconds until it may come again */
  admit(address: string): number
  leave(address: string): void
  /** Forgets addresses that have nothing open and nothing used up. */
  sweep(): void
  size(): number
}

/** @param now in seconds */
export const createDoorkeeper = (connectionsPerAddress: number, now: () => number): Doorkeeper => {
  const accounts = new Map<string, Account>()
  const burst = connectionsPerAddress * BURST
  const perSecond = connectionsPerAddress / REFILL_SECONDS

  const refill = (account: Account): void => {
    account.tokens = Math.min(burst, account.tokens + (now() - account.refilledAt) * perSecond)
    account.refilledAt = now()
  }

  return {
    admit(address) {
      const account = accounts.get(address) ?? { open: 0, tokens: burst, refilledAt: now() }
      accounts.set(address, account)
      refill(account)
      if (account.open >= connectionsPerAddress) return REFILL_SECONDS
      if (account.tokens < 1) return Math.ceil((1 - account.tokens) / perSecond)
      account.open++
      account.tokens--
      return 0
    },
    leave(address) {
      const account = accounts.get(address)
      if (account !== undefined) account.open--
    },
    sweep() {
      for (const [address, account] of accounts) {
        refill(account)
        if (account.open === 0 && account.tokens === burst) accounts.delete(address)
      }
    },
    size: () => accounts.size
  }
}

export interface Threshold {
  /** A connection came. Above the bounds it is broken off. */
  enter(socket: Socket): void
  /** It said what it wants, or is gone. */
  pass(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): void
  /** Breaks off who has said nothing for too long. */
  sweep(): void
  size(): number
}

interface Waiting {
  readonly socket: Socket
  readonly address: string
  readonly since: number
}

const KEY = Symbol('key')
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'> & { [KEY]?: string }

/** By address and port: over TLS the socket that speaks is another object than the one that came. */
const keyOf = (socket: Peer): string => {
  socket[KEY] ??= `${socket.remoteAddress} ${socket.remotePort}`
  return socket[KEY]
}

/**
 * Connections between accept and request. Node's own limits on headers look every 30 s only, and know nothing of a TLS handshake.
 * @param perAddress how many of them one direct peer may have: everything, where that is a proxy
 */
export const createThreshold = (limits: NewcomerLimits, perAddress: number, now: () => number): Threshold => {
  const waiting = new Map<string, Waiting>()
  const countByAddress = new Map<string, number>()

  const remove = (key: string): void => {
    const found = waiting.get(key)
    if (found === undefined) return
    waiting.delete(key)
    const left = (countByAddress.get(found.address) ?? 1) - 1
    if (left > 0) countByAddress.set(found.address, left)
    else countByAddress.delete(found.address)
  }

  function onClose(this: Socket): void {
    remove(keyOf(this))
  }

  return {
    enter(socket) {
      const address = socket.remoteAddress ?? ''
      const count = countByAddress.get(address) ?? 0
      if (waiting.size >= limits.handshakes || count >= perAddress) {
        socket.destroy()
        return
      }
      const key = keyOf(socket)
      remove(key)
      waiting.set(key, { socket, address, since: now() })
      countByAddress.set(address, count + 1)
      socket.on('close', onClose)
    },
    pass: (socket) => remove(keyOf(socket)),
    sweep() {
      const bound = now() - limits.handshakeSeconds
      // In the order of their coming.
      for (const { socket, since } of waiting.values()) {
        if (since >= bound) return
        socket.destroy()
      }
    },
    size: () => waiting.size
  }
}
