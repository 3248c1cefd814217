import { connect, errors, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node'
import type { BusCore } from '#server/bus/bus-core.ts'
import { reasonOf } from '#server/bus/bus-parts.ts'
import { type NatsAddress, parseNatsAddress } from './address.ts'
import { createSend } from './sending.ts'
import { createSubscriptions } from './subscriptions.ts'

/** The client reconnects by itself, for ever; this makes the first connection and follows what becomes of it. */
export interface Connection {
  /** The first listener of a topic came, or the last one went. */
  use(topic: string, isUsed: boolean): void
  /** In order. */
  end(): Promise<void>
  /** At once. */
  cut(): void
}

const CONNECT_MS = 5_000
const UNANSWERED = 2

const clientOptions = (address: NatsAddress, pulseMs: number, core: BusCore): NodeConnectionOptions => ({
  servers: [...address.servers],
  ...(address.user === undefined ? {} : { user: address.user, pass: address.pass ?? '' }),
  ...(address.token === undefined ? {} : { token: address.token }),
  ...(address.isTls ? { tls: {} } : {}),
  name: 'council bus',
  noEcho: true,
  noAsyncTraces: true,
  timeout: CONNECT_MS,
  pingInterval: pulseMs,
  maxPingOut: UNANSWERED,
  maxReconnectAttempts: -1,
  // A password that is wrong today may be right tomorrow: the log says so, people are served meanwhile.
  ignoreAuthErrorAbort: true,
  reconnectDelayHandler() {
    // The client has no other way to be called off while it tries to connect for the first time.
    if (core.isClosed()) throw new Error('closed')
    return core.backoff()
  }
})

export const keepConnection = (url: string, pulseMs: number, core: BusCore): Connection => {
  const address = parseNatsAddress(url)
  const options = clientOptions(address, pulseMs, core)
  const subscriptions = createSubscriptions(address.prefix, core)
  let client: NatsConnection | undefined

  /** The first try tells why it failed; the client keeps the reasons of later ones to itself. */
  const establish = async (): Promise<NatsConnection> => {
    try {
      return await connect(options)
    } catch (cause) {
      core.away(reasonOf(cause))
      return connect({ ...options, waitOnFirstConnect: true })
    }
  }

  const opened = async (nats: NatsConnection): Promise<void> => {
    core.connected()
    core.outbox.open(createSend(nats, address.prefix))
    // Only what is published after the broker knows what is listened for arrives: then those who ask the store miss nothing.
    await nats.flush()
    core.there()
  }

  const follow = async (nats: NatsConnection): Promise<void> => {
    let reason = 'the connection ended'
    for await (const status of nats.status()) {
      if (status.type === 'error') reason = reasonOf(status.error)
      if (status.type === 'staleConnection') reason = 'the broker does not answer'
      // Connected, but deaf or dumb.
      if (status.type === 'error' && status.error instanceof errors.PermissionViolationError) core.away(reason)
      if (status.type === 'disconnect' || status.type === 'close') {
        subscriptions.pause()
        core.outbox.shut()
        core.away(reason)
      }
      if (status.type === 'reconnect') {
        reason = 'the connection ended'
        subscriptions.resume()
        // Where it ends again meanwhile, the next status says so.
        opened(nats).catch(() => {})
      }
    }
  }

  const keep = async (): Promise<void> => {
    while (!core.isClosed()) {
      try {
        const nats = await establish()
        if (core.isClosed()) return void nats.close()
        client = nats
        subscriptions.begin(nats)
        opened(nats).catch(() => {})
        await follow(nats)
      } catch (cause) {
        core.away(reasonOf(cause))
      }
      client = undefined
      // The client gives up on nothing but what it takes for its own end, and that may come at once again.
      if (!core.isClosed()) await new Promise((done) => setTimeout(done, core.backoff()))
    }
  }
  void keep()

  return {
    use: subscriptions.use,
    async end() {
      await client?.flush()
      await client?.close()
    },
    cut() {
      client?.close().catch(() => {})
    }
  }
}
