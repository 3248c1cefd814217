import pg from 'pg'
import { reasonOf } from '#server/bus/bus-parts.ts'
import type { Send } from '#server/bus/outbox.ts'
import { createPayloadReader, createPayloadWriter } from './payloads.ts'
import { openPulse } from './pulse.ts'

export interface LineOptions {
  readonly url: string
  readonly pulseMs: number
  onMessage(topic: string, message: Uint8Array): void
  /** The sender lost messages. */
  onLoss(): void
  /** Notifications can be sent; whether they come through shows the first beat. */
  onOpen(send: Send): void
  onBeat(): void
  onLate(reason: string): void
  /** Once; nothing comes after it. */
  onEnd(reason: string): void
}

/** One connection to the server, from its first byte to its last. */
export interface Line {
  /** In order. */
  end(): Promise<void>
  /** At once, and `onEnd` is not called. */
  cut(): void
}

/** One channel for all topics: each relay takes every message and passes over what nobody here listens for. */
const CHANNEL = 'council_bus'
const CONNECT_MS = 5_000
const SILENT = 'notifications do not come through'

const createClient = (connectionString: string): pg.Client =>
  new pg.Client({
    connectionString,
    application_name: 'council bus',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true
  })

const backendOf = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ backend: number }>('SELECT pg_backend_pid() AS backend')
  return rows[0]?.backend ?? 0
}

/** Two connections: what comes from one to the other shows that what others say comes as well. */
export const openLine = (options: LineOptions): Line => {
  const ear = createClient(options.url)
  const mouth = createClient(options.url)
  const both = [ear, mouth]
  const writer = createPayloadWriter()
  const reader = createPayloadReader(options)
  let isOver = false
  let own = 0
  let stopPulse = (): void => {}

  const stop = (): void => {
    isOver = true
    stopPulse()
    clearTimeout(tooLong)
  }
  const cut = (): void => {
    stop()
    for (const client of both) client.connection.stream.destroy()
  }
  const lose = (reason: string): void => {
    if (isOver) return
    cut()
    options.onEnd(reason)
  }
  // A server may take a connection and then say nothing more.
  const tooLong = setTimeout(() => lose('the server does not answer'), 2 * CONNECT_MS)

  for (const client of both) {
    client.on('error', (cause) => lose(reasonOf(cause)))
    client.on('end', () => lose('the connection ended'))
  }
  ear.on('notification', ({ channel, payload, processId }) => {
    // What this relay said itself comes back as well.
    if (channel === CHANNEL && payload !== undefined && processId !== own) reader.read(payload)
  })

  const send: Send = async (batch, isAfterLoss) => {
    const payloads = writer.write(batch, isAfterLoss)
    await mouth.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [CHANNEL, payloads])
  }

  const open = async (): Promise<void> => {
    await ear.connect()
    await ear.query(`LISTEN ${CHANNEL}`)
    await mouth.connect()
    // A notification is no promise: nobody waits for a disk before it is told.
    await mouth.query('SET synchronous_commit = off')
    own = await backendOf(mouth)
    const { onBeat, pulseMs } = options
    const onLate = (): void => options.onLate(SILENT)
    const onDead = (): void => lose(SILENT)
    const channel = `council_pulse_${await backendOf(ear)}`
    stopPulse = await openPulse(ear, mouth, { everyMs: pulseMs, channel, onBeat, onLate, onDead })
    clearTimeout(tooLong)
    if (isOver) stopPulse()
    else options.onOpen(send)
  }
  open().catch((cause: unknown) => lose(reasonOf(cause)))

  return {
    cut,
    async end() {
      stop()
      await Promise.all(both.map((client) => client.end()))
    }
  }
}
