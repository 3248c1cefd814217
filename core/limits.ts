/** One sealed frame must fit a proxy's default 1 MiB buffer, with room for the envelope. */
export const MAX_FRAME_BYTES = 1_000_000
/** An entry travels inside one frame; 1 kB is left for the frame's own fields. */
export const MAX_ENTRY_BYTES = 999_000
/** A snapshot travels in chunks. 64 MB is what a phone can still hold twice in memory. */
export const MAX_SNAPSHOT_BYTES = 64_000_000
export const SNAPSHOT_CHUNK_BYTES = 256_000
/** Entries and snapshots inflate to at most this many times their deflated size, and never above MAX_SNAPSHOT_BYTES. */
export const MAX_INFLATE_RATIO = 16
export const MAX_ENTRIES_PER_PUSH = 256
export const MAX_ROOTS_PER_SOCKET = 64
/** Sealed presence frames are small by design: a larger one is somebody's mistake. */
export const MAX_EPHEMERAL_BYTES = 4_096
/** A tail shorter than this is never worth a snapshot. */
export const SNAPSHOT_MIN_TAIL_BYTES = 64_000
/** A challenge older than this is refused: a captured AUTH is worthless a minute later. */
export const CHALLENGE_LIFETIME_MS = 60_000
