import type { PostgresServer } from '#testing/services/postgres.ts'
import type { SmallDisk } from '#testing/services/small-disk.ts'
import type { Cluster } from './cluster.ts'
import type { Failing, FailingStore } from './disks.ts'
import { pause } from './pause.ts'
import { readMetric } from './relays.ts'
import type { Strike } from './run.ts'

/** What the disk under the store does: it fails or is full, and is well again. */

interface Trouble {
  begin(): Promise<void>
  end(): Promise<void>
  /** Where the store is one: it may fall, and is started anew, as a supervisor does. */
  readonly server?: PostgresServer
}

const suffer =
  ({ begin, end, server }: Trouble): Strike =>
  async (cluster, random) => {
    const before = await refusalsOf(cluster)
    await begin()
    // There is some room left in what was there before.
    for (let tries = 0; tries < 100 && (await refusalsOf(cluster)) === before; tries++) await pause(50)
    await pause(random.between(1_000, 2_000))
    await end()
    if (server !== undefined && (await isAway(server))) {
      await server.kill()
      await server.start()
    }
  }

/** As a library before the real one says it, which can fail what no full disk fails. */
export const failDisk = ({ server, fail, recover }: FailingStore, failing: Failing): Strike =>
  suffer({
    server,
    async begin() {
      await fail(failing)
      if (failing === 'log') await needLogFile(server)
    },
    end: recover
  })

/** As the kernel says it, where the tests may have a file system of their own. */
export const fillDisk = (disk: SmallDisk): Strike => suffer({ begin: disk.fill, end: disk.free })

/** Postgres stops where it cannot write its log. @param server whose write-ahead log is on the disk */
export const fillLogDisk = (disk: SmallDisk, server: PostgresServer): Strike =>
  suffer({
    server,
    async begin() {
      await disk.fill()
      await needLogFile(server)
    },
    async end() {
      await disk.free()
      if (!/PANIC: .*No space left on device/.test(server.output())) throw new Error('Postgres found room all the time')
    }
  })

const refusalsOf = async ({ relays }: Cluster): Promise<number> => {
  const counts = await Promise.all(relays.map((relay) => readMetric(relay, 'council_refusals_total')))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Asks for the next file of the log, instead of waiting for 16 MB, until there is none. Some lie ready. */
const needLogFile = async (server: PostgresServer): Promise<void> => {
  const next = "SELECT pg_logical_emit_message(true, '', ''), pg_switch_wal()"
  const asked = (): Promise<boolean> =>
    server.query(next).then(
      () => true,
      () => false
    )
  for (let files = 0; files < 100 && (await asked()); files++);
}

const isAway = (server: PostgresServer): Promise<boolean> =>
  server.query('SELECT 1').then(
    () => false,
    () => true
  )
