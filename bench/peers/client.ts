import { awarenessMessage, type Dialect, MESSAGE, SYNC, syncMessage } from './dialects.ts'
import { openSocket, type PlainSocket } from './socket.ts'
import { encodeVaruint, readRuns, type Seen, varuintAt } from './updates.ts'

/** A stock client's behaviour on the wire, without a document: it counts what others would apply. */

export interface YClient {
  readonly socket: PlainSocket
  update(update: Uint8Array): boolean
  awareness(client: number, clock: number, state: string): void
  /** Resolves with the bytes received until then when the first step 2 after `ask` is there. */
  ask(stateVector: Uint8Array): Promise<number>
  /** Copies of all updates received, where `record` was asked for. */
  readonly recorded: readonly Uint8Array[]
  close(): void
}

export interface YClientOptions {
  readonly port: number
  readonly dialect: Dialect
  readonly room: string
  readonly localAddress?: string
  /** undefined: connects and asks nothing. */
  readonly stateVector?: Uint8Array | undefined
  readonly record?: boolean
  /** Off: of large messages only the length is told. */
  readonly keepsLarge?: boolean
  /** Reads what updates hold. Off for documents too large to be read while the clock runs. */
  readonly onRun?: Seen
  readonly onPresence?: (client: number, clock: number) => void
}

const EMPTY_UPDATE = Uint8Array.of(0, 0)

const readPresence = (bytes: Uint8Array, start: number, seen: (client: number, clock: number) => void): void => {
  let at = varuintAt(bytes, varuintAt(bytes, start))
  for (let entries = varuintAt.value; entries > 0; entries--) {
    at = varuintAt(bytes, at)
    const client = varuintAt.value
    at = varuintAt(bytes, at)
    const clock = varuintAt.value
    at = varuintAt(bytes, at)
    at += varuintAt.value
    seen(client, clock)
  }
}

/** Resolves when the document is there (bare broadcasts: when the socket is open). */
export const joinRoom = async (options: YClientOptions): Promise<YClient> => {
  const { dialect, room, onRun, onPresence, record = false } = options
  const prefix = dialect.prefix(room)
  const recorded: Uint8Array[] = []
  let waiting: ((received: number) => void) | undefined
  let opened: PlainSocket | undefined

  const take = (bytes: Buffer, start: number, end: number, total: number): void => {
    const at = start + prefix.length
    const type = bytes[at]
    if (type === MESSAGE.awareness) {
      if (onPresence !== undefined) readPresence(bytes, at + 1, onPresence)
      return
    }
    if (type !== MESSAGE.sync) return
    const kind = bytes[at + 1]
    if (kind === SYNC.step1) {
      opened?.send(syncMessage(prefix, SYNC.step2, EMPTY_UPDATE))
      return
    }
    if (total === end - start && (record || onRun !== undefined)) {
      const from = varuintAt(bytes, at + 2)
      if (onRun !== undefined) readRuns(bytes, from, end, onRun)
      if (record) recorded.push(new Uint8Array(bytes.subarray(from, end)))
    }
    if (kind === SYNC.step2) {
      waiting?.(opened?.received() ?? total)
      waiting = undefined
    }
  }

  const socket = await openSocket({
    port: options.port,
    path: dialect.path(room),
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
    onOpen: (given) => {
      opened = given
    },
    onMessage: take
  })
  socket.setKeep(options.keepsLarge ?? true)
  const ask = (stateVector: Uint8Array): Promise<number> => {
    const answer = new Promise<number>((resolve, reject) => {
      waiting = resolve
      void socket.closed.then((code) => reject(new Error(`closed with ${code} instead of an answer`)))
    })
    socket.send(syncMessage(prefix, SYNC.step1, stateVector))
    return answer
  }
  if (dialect.hello !== undefined) socket.send(Uint8Array.from([...prefix, ...dialect.hello]))
  if (dialect.answers && options.stateVector !== undefined) await ask(options.stateVector)
  return {
    socket,
    recorded,
    ask,
    update: (update) => socket.send(syncMessage(prefix, SYNC.update, update)),
    awareness: (client, clock, state) => void socket.send(awarenessMessage(prefix, client, clock, state)),
    close: () => socket.close()
  }
}

/** A state vector of these clients and clocks. */
export const encodeStateVector = (clocks: ReadonlyMap<number, number>): Uint8Array =>
  Uint8Array.from([
    ...encodeVaruint(clocks.size),
    ...[...clocks].flatMap(([client, clock]) => [...encodeVaruint(client), ...encodeVaruint(clock)])
  ])
