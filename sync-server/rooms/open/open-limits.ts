/** What an open room and its sockets may cost. A host may raise or lower each. */
export interface OpenLimits {
  readonly connectionsPerAddress: number
  readonly rooms: number
  /** One message in, and so the largest document that a stock client can bring: it cannot send in parts. */
  readonly messageBytes: number
  /** Base and rows of one room. */
  readonly roomBytes: number
  readonly presenceBytes: number
  readonly presencesPerSocket: number
  /** Client ids that another relay may bring to a room. */
  readonly presencesPerRelay: number
  /** One message of presences: a stock client sends back all that it heard. And one state vector, and the deletions of one update: all are read on the event loop. */
  readonly presenceMessageBytes: number
  readonly stateVectorBytes: number
  readonly deleteSetBytes: number
  /** Messages and bytes that a socket may send; a bucket each, filled again once a second. */
  readonly messagesPerSecond: number
  readonly messagesBurst: number
  readonly bytesPerSecond: number
  readonly bytesBurst: number
  /** Edits that a room takes from all its sockets together; a bucket each for their number and bytes. More than one socket may send. */
  readonly roomUpdatesPerSecond: number
  readonly roomUpdatesBurst: number
  readonly roomBytesPerSecond: number
  readonly roomBytesBurst: number
  /** Rooms that nobody is in which an address may open at once; all of it comes back in a minute. */
  readonly openingsPerAddress: number
  /** Longest wait of an update for company. At most 10. */
  readonly commitWindowMs: number
  readonly batchBytes: number
  /** Updates taken and not yet durable, all rooms together. */
  readonly queueBytes: number
  readonly presenceMs: number
  /** Updates larger than this are read and merged on another thread. */
  readonly inlineBytes: number
  /** Bytes a socket has not taken at which it is no longer pushed to. */
  readonly bufferBytes: number
  /** A socket that has not taken what it was sent after this time, and the time its answer needs at `slowBytesPerSecond`, is closed. */
  readonly slowMs: number
  readonly slowBytesPerSecond: number
  /** Silence after which a socket is told an empty presence: stock clients close after 30 s. */
  readonly silenceMs: number
  /** Rows kept in memory, all rooms together, so that a client who missed a few needs no read. */
  readonly recentBytes: number
  readonly recentBytesPerRoom: number
  /** A base is rewritten when the rows after it are larger than this and than half of it, or more than `tailRows`. */
  readonly tailBytes: number
  readonly tailRows: number
  /** So long after a rewriting a room that goes on being written to may grow to four times that. */
  readonly rebuildPauseMs: number
  readonly rebuilds: number
  readonly rebuildRetryMs: number
  /** Rows of more bytes than this are read on another thread where a room is loaded; a room that everybody has left is rewritten first. */
  readonly loadBytes: number
  /** How long a client that comes back refused is held, and how many of them. */
  readonly holdMs: number
  readonly held: number
  readonly heldPerAddress: number
  readonly refusalMemoryMs: number
  readonly drainMs: number
}

export const OPEN_LIMITS: OpenLimits = {
  connectionsPerAddress: 256,
  rooms: 100_000,
  messageBytes: 64_000_000,
  roomBytes: 256_000_000,
  presenceBytes: 16_000,
  presencesPerSocket: 64,
  presencesPerRelay: 50_000,
  presenceMessageBytes: 16_000_000,
  stateVectorBytes: 4_000_000,
  deleteSetBytes: 8_000_000,
  messagesPerSecond: 10_000,
  messagesBurst: 100_000,
  bytesPerSecond: 8_000_000,
  bytesBurst: 160_000_000,
  roomUpdatesPerSecond: 20_000,
  roomUpdatesBurst: 200_000,
  roomBytesPerSecond: 16_000_000,
  roomBytesBurst: 320_000_000,
  openingsPerAddress: 1_024,
  // A timer may be late by one: ten in all.
  commitWindowMs: 9,
  batchBytes: 8_000_000,
  queueBytes: 160_000_000,
  presenceMs: 50,
  inlineBytes: 256_000,
  bufferBytes: 1_000_000,
  slowMs: 60_000,
  slowBytesPerSecond: 32_000,
  silenceMs: 20_000,
  recentBytes: 8_000_000,
  recentBytesPerRoom: 65_536,
  tailBytes: 64_000,
  tailRows: 500,
  rebuildPauseMs: 15_000,
  rebuilds: 2,
  rebuildRetryMs: 60_000,
  loadBytes: 1_000_000,
  holdMs: 25_000,
  held: 1_000,
  heldPerAddress: 16,
  refusalMemoryMs: 60_000,
  drainMs: 2_000
}
