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

/** Subprotocols the relay serves, newest first. */
export const SEALED_SUBPROTOCOLS = ['council.sealed.1'] as const
