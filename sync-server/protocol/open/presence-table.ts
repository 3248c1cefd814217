import type { Presence } from './awareness.ts'

/** Who is present in a room, by client id, as stock clients expect a relay to remember it. */
export interface Entry<Socket> {
  readonly client: number
  clock: number
  state: Uint8Array | undefined
  /** The socket that brought this client id, and whose end is its end; undefined once that is gone. */
  owner: Socket | undefined
  /** The socket that last said something new: two tabs of a browser speak for each other, and a device comes back on a new socket. */
  latest: Socket | undefined
  /** Milliseconds; when it last said something new. */
  at: number
  /** Whether the next tick tells it. */
  due: boolean
  /** Whether its last news came from a socket of this relay: the other relays have what came from another. */
  fromHere: boolean
}

export type PresenceTable<Socket> = Map<number, Entry<Socket>>

/**
 * 'told': goes to everybody with the next tick; 'brought': so does this one, and the client id is this socket's. 'echo': what everybody knows already. 'gone': the client id has left, and whoever
 * says this must be told so: a device that comes back with an old clock then raises it and is seen again at once, where it would
 * stay unseen for its next 15 seconds.
 */
export type Outcome = 'told' | 'brought' | 'echo' | 'gone' | 'too-many'

/**
 * Stock clients pass on every presence they hear. So an entry counts only with a clock above the known one; only the socket of a client id
 * takes it away, also with an equal clock.
 */
export const hear = <Socket>(
  table: PresenceTable<Socket>,
  socket: Socket,
  presence: Presence,
  now: number,
  mayBring: boolean,
  fromHere = true
): Outcome => {
  const { client, clock, state } = presence
  const known = table.get(client)
  if (known === undefined) {
    if (state === undefined) return 'echo'
    if (!mayBring) return 'too-many'
    table.set(client, {
      client,
      clock,
      state: state.slice(),
      owner: socket,
      latest: socket,
      at: now,
      due: true,
      fromHere
    })
    return 'brought'
  }
  if (state === undefined) {
    const isOwn = known.owner === socket || known.latest === socket
    if (!isOwn || known.state === undefined || clock < known.clock) return 'echo'
    return depart(known, clock, now, fromHere)
  }
  if (clock <= known.clock) return known.state === undefined ? 'gone' : 'echo'
  const brings = known.state === undefined && known.owner !== socket
  if (brings) {
    if (!mayBring) return 'too-many'
    known.owner = socket
  }
  known.clock = clock
  known.state = state.slice()
  known.latest = socket
  known.at = now
  known.due = true
  known.fromHere = fromHere
  return brings ? 'brought' : 'told'
}

const depart = <Socket>(entry: Entry<Socket>, clock: number, now: number, fromHere: boolean): Outcome => {
  entry.clock = clock
  entry.state = undefined
  entry.at = now
  entry.due = true
  entry.fromHere = fromHere
  return 'told'
}

/**
 * A socket no longer speaks for a client id. 'passed': another goes on speaking for it. 'departed': it has left, which is news.
 * 'nothing': it did not speak for it, or it had left before.
 */
export const release = <Socket>(
  entry: Entry<Socket>,
  socket: Socket,
  now: number,
  fromHere = true
): 'passed' | 'departed' | 'nothing' => {
  if (entry.owner !== socket && entry.latest !== socket) return 'nothing'
  if (entry.owner === socket) entry.owner = entry.latest
  if (entry.latest === socket) entry.latest = entry.owner
  if (entry.owner !== socket) return 'passed'
  entry.owner = undefined
  entry.latest = undefined
  if (entry.state === undefined) return 'nothing'
  depart(entry, entry.clock + 1, now, fromHere)
  return 'departed'
}

/**
 * A socket has ended: what it brought leaves, unless another socket speaks for it by now.
 * @param onPassed told those for whom another speaks
 * @returns whether there is news
 */
export const leave = <Socket>(
  table: PresenceTable<Socket>,
  socket: Socket,
  now: number,
  fromHere = true,
  onPassed?: (entry: Entry<Socket>) => void
): boolean => {
  let news = false
  for (const entry of table.values()) {
    const outcome = release(entry, socket, now, fromHere)
    if (outcome === 'departed') news = true
    else if (outcome === 'passed') onPassed?.(entry)
  }
  return news
}

/** Longer than any echo of a client id that left may be under way. */
const REMEMBER_GONE_MS = 120_000
/** Stock clients renew after 15 s, browsers let a hidden page do so once a minute. */
const SILENT_MS = 100_000

/** Forgets who left long ago; whoever stopped renewing leaves. @returns whether there is news. */
export const sweep = <Socket>(table: PresenceTable<Socket>, now: number): boolean => {
  let news = false
  for (const entry of table.values()) {
    if (entry.state === undefined) {
      if (!entry.due && now - entry.at > REMEMBER_GONE_MS) table.delete(entry.client)
    } else if (now - entry.at > SILENT_MS) {
      // The other relays find it silent too.
      depart(entry, entry.clock + 1, now, false)
      news = true
    }
  }
  return news
}
