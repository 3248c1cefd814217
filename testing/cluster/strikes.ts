import { execFileSync } from 'node:child_process'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { NatsServer } from '#testing/services/nats.ts'
import type { Pgbouncer } from '#testing/services/pgbouncer.ts'
import type { PostgresServer } from '#testing/services/postgres.ts'
import type { Cluster } from './cluster.ts'
import type { Line, Weather } from './line.ts'
import { pause } from './pause.ts'
import type { Relay } from './relays.ts'
import type { Strike } from './run.ts'

/** What breaks, and for how long. Seeded: which relay, when, and for how long is drawn. */

const relayOf = (cluster: Cluster, at: number): Relay => {
  const relay = cluster.relays[at]
  if (relay === undefined) throw new Error(`no relay ${at}`)
  return relay
}

/** kill -9, and a supervisor that starts it again. */
export const killRelay: Strike = async (cluster, random) => {
  const relay = relayOf(cluster, random.below(cluster.relays.length))
  await pause(random.between(0, 300))
  await relay.kill()
  await pause(random.between(300, 1_000))
  await relay.start()
}

/** Power for both machines is gone at once. */
export const killRelays: Strike = async (cluster, random) => {
  await pause(random.between(0, 300))
  await Promise.all(cluster.relays.map((relay) => relay.kill()))
  await Promise.all(cluster.relays.map((relay) => relay.start()))
}

/** Stopped long enough to look dead and to be left, then back with everything it had in its hands. */
export const freezeRelay: Strike = async (cluster, random) => {
  const relay = relayOf(cluster, random.below(cluster.relays.length))
  relay.process().freeze()
  await pause(random.between(2_500, 3_500))
  relay.process().thaw()
}

/** A new version is put out: one relay after the other. */
export const rollingRestart: Strike = async (cluster) => {
  for (const relay of cluster.relays) {
    await relay.stop()
    await relay.start()
    await cluster.healed()
  }
}

export const killPostgres =
  (store: PostgresServer): Strike =>
  async (_, random) => {
    await pause(random.between(0, 300))
    await store.kill()
    await pause(random.between(0, 1_000))
    await store.start()
  }

export const freezePostgres =
  (store: PostgresServer): Strike =>
  async (_, random) => {
    await store.freeze()
    await pause(random.between(1_000, 2_000))
    await store.thaw()
  }

/** Weather on lines for a while; then what is on them is lost, or arrives late. */
const weatherOn =
  (lines: (cluster: Cluster, at: number) => readonly Line[], weather: Weather, ms: readonly [number, number]): Strike =>
  async (cluster, random) => {
    const chosen = lines(cluster, random.below(cluster.relays.length))
    for (const line of chosen) line.become(weather)
    await pause(random.between(...ms))
    for (const line of chosen) {
      if (random.chance(0.5)) line.reset()
      line.become({ kind: 'open' })
    }
  }

const at = (lines: readonly Line[], index: number): readonly Line[] => lines.slice(index, index + 1)
const storeLine = (cluster: Cluster, index: number): readonly Line[] => at(cluster.storeLines, index)
const busLine = (cluster: Cluster, index: number): readonly Line[] => at(cluster.busLines, index)

/** Half-open: the relay hears nothing of its store and is told nothing. */
export const loseStore = weatherOn(storeLine, { kind: 'silent', way: 'both' }, [2_000, 3_000])
/** The store hears and commits, and the relay never learns what became of it. */
export const loseAnswersOfStore = weatherOn(storeLine, { kind: 'silent', way: 'back' }, [1_000, 2_000])
export const refuseStore = weatherOn(storeLine, { kind: 'cut' }, [1_500, 3_000])
export const loseBus = weatherOn(busLine, { kind: 'silent', way: 'both' }, [1_000, 2_000])
export const refuseBus = weatherOn(busLine, { kind: 'cut' }, [1_500, 3_000])

/** Longer than relays that hear their bus wait before they ask the store all the same. */
export const loseBusForLong = weatherOn(busLine, { kind: 'silent', way: 'both' }, [14_000, 15_000])

/** Connections to the store die again and again, each in the middle of something. */
export const shakeStore: Strike = async (cluster, random) => {
  for (let times = random.between(6, 12); times > 0; times--) {
    random.pick(cluster.storeLines).reset()
    await pause(random.between(50, 350))
  }
}

/** Every line to the store is slow by itself: both relays append to the same rooms with their answers on the way. */
export const slowStore: Strike = async (cluster, random) => {
  for (const line of cluster.storeLines) line.become({ kind: 'open', delayMs: random.between(20, 60) })
  await pause(1_500)
  for (const line of cluster.storeLines) line.become({ kind: 'open' })
}

export const killPooler =
  (pooler: Pgbouncer): Strike =>
  async (_, random) => {
    await pooler.kill()
    await pause(random.between(0, 1_500))
    await pooler.start()
  }

export const killNats =
  (bus: NatsServer): Strike =>
  async (_, random) => {
    await bus.kill()
    await pause(random.between(300, 1_500))
    await bus.start()
  }

export const freezeNats =
  (bus: NatsServer): Strike =>
  async (_, random) => {
    await bus.freeze()
    await pause(random.between(1_500, 3_000))
    await bus.thaw()
  }

/** Nothing breaks: what the load itself costs. */
export const calm: Strike = () => pause(1_500)

/**
 * Not a fault that relays survive, but the one that shows what the oracle sees: the store forgets what it had written.
 * @returns the strike, which puts the store back to where it was when this was asked for
 */
export const forgetfulStore = async (server: PostgresServer): Promise<Strike> => {
  const [data, copy] = [join(server.folder, 'data'), join(server.folder, 'copy')]
  await server.stop()
  // With the owner and the modes that Postgres insists on.
  execFileSync('cp', ['-a', data, copy])
  await server.start()
  return async () => {
    await pause(800)
    await server.kill()
    await rm(data, { recursive: true })
    await rename(copy, data)
    await server.start()
  }
}
