/** Plain numbers, counted where things happen and read when somebody asks: a call per delivery would cost more than the delivery. */
export interface OpenCounters {
  connections: number
  joins: number
  rooms: number
  framesIn: number
  bytesIn: number
  /** Messages handed to sockets: an update to 200 clients is 200. */
  deliveries: number
  bytesOut: number
  /** Updates that held nothing new. */
  known: number
  answers: number
  /** Answers that needed bytes of a base, or a diff of one. */
  basesSent: number
  diffsSent: number
  /** Sockets closed by the relay, by close code. */
  closedByCode: Map<number, number>
  commits: number
  committedUpdates: number
  committedBytes: number
  committedRows: number
  commitMsSum: number
  commitMsMax: number
  failedCommits: number
  /** Milliseconds from an update's arrival to its delivery: summed over commits, by their oldest update. */
  lagMsSum: number
  lagMsMax: number
  /** When the oldest update arrived that is not durable yet; 0 = none. Milliseconds since 1970. */
  oldestAt: number
  queuedBytes: number
  /** Of messages not read yet: their room is loading, or another thread reads them. */
  waitingBytes: number
  /** Sockets that are not pushed to until they have drained. */
  behind: number
  /** When the one that has been so for longest fell behind; 0 = none. Milliseconds since 1970. */
  behindSince: number
  fellBehind: number
  rebuilds: number
  failedRebuilds: number
  /** Rooms that wait for a rebuild. */
  rebuildsWaiting: number
  failedLoads: number
  recentBytes: number
  presences: number
  heldSockets: number
}

export const createOpenCounters = (): OpenCounters => ({
  connections: 0,
  joins: 0,
  rooms: 0,
  framesIn: 0,
  bytesIn: 0,
  deliveries: 0,
  bytesOut: 0,
  known: 0,
  answers: 0,
  basesSent: 0,
  diffsSent: 0,
  closedByCode: new Map(),
  commits: 0,
  committedUpdates: 0,
  committedBytes: 0,
  committedRows: 0,
  commitMsSum: 0,
  commitMsMax: 0,
  failedCommits: 0,
  lagMsSum: 0,
  lagMsMax: 0,
  oldestAt: 0,
  queuedBytes: 0,
  waitingBytes: 0,
  behind: 0,
  behindSince: 0,
  fellBehind: 0,
  rebuilds: 0,
  failedRebuilds: 0,
  rebuildsWaiting: 0,
  failedLoads: 0,
  recentBytes: 0,
  presences: 0,
  heldSockets: 0
})
