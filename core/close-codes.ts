/** WebSocket close codes of the sealed endpoint (4000-4999 are the application's, RFC 6455 section 7.4.2). */
export const CLOSE = {
  /** The relay is restarting or moving away: come back after the time GOAWAY named. */
  goingAway: 1001,
  /** Not one frame of this protocol, or a text message. Coming back with the same bytes will not help. */
  malformed: 4400,
  /** Too many connections from this address, or too many refused frames. Back off. */
  rate: 4429,
  /** The peer did not read for so long that it counts as gone. Reconnect and pull from the cursor. */
  slow: 4408,
  /** No subprotocol in common. */
  version: 4426
} as const

/**
 * WebSocket close codes of open rooms. y-websocket from 3.1 on takes 4400-4499 for final and comes back after any other; earlier
 * generations always come back, so a refused one is held for a while instead (docs/spec/open-rooms.md).
 */
export const OPEN_CLOSE = {
  goingAway: 1001,
  /** Not the y-websocket protocol, or an update that cannot be read: the same bytes would be refused again. */
  malformed: 4400,
  /** No such room for this client: admission, an expired token, a name that is not one. */
  refused: 4403,
  /** The room, or a message, is larger than this relay allows. */
  tooLarge: 4413,
  /** The peer did not read for too long, or did not answer: come back and sync. */
  slow: 4508,
  /** Too many connections or messages. Back off. */
  rate: 4529,
  /** The relay cannot keep anything now (disk, load): nothing of what was not confirmed to others was kept. Back off. */
  unavailable: 4503
} as const

/** Subprotocols the relay serves, newest first. */
export const SEALED_SUBPROTOCOLS = ['council.sealed.1'] as const
