import { afterAll, beforeAll, test } from 'vitest'
import { createStockClient, eventually, type StockClient } from '#testing/interop/stock-client.ts'
import { createRandom } from '#testing/random.ts'
import { type NatsServer, startNats } from '#testing/services/nats.ts'
import { type PostgresServer, startPostgres } from '#testing/services/postgres.ts'
import { type Cluster, openCluster } from './cluster.ts'
import { pause } from './pause.ts'
import { forgetfulStore } from './strikes.ts'

/** A Postgres that is stopped, put back to an older copy and started under relays that go on. */

let server: PostgresServer
let nats: NatsServer
beforeAll(async () => {
  ;[server, nats] = await Promise.all([startPostgres(), startNats()])
})
afterAll(async () => {
  await nats[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const writeWords = async (client: StockClient, word: string, times: number): Promise<void> => {
  for (let i = 0; i < times; i++) {
    client.write(`${word}${i} `)
    await pause(4)
  }
}

const isThere = ({ provider }: StockClient): boolean => provider.wsconnected && provider.synced

/** Everybody in the room, and who comes to it anew at each relay, has the same, and each of these words. */
const expectWhole = async (cluster: Cluster, room: string, here: readonly StockClient[], words: readonly string[]) => {
  const late = cluster.fronts.map((front) => createStockClient('3.1', front, room))
  const all = [...here, ...late]
  const lacking = (client: StockClient): string[] => words.filter((word) => !client.text().includes(word))
  await eventually(
    () => all.every((client) => client.text() === late[0]?.text() && lacking(client).length === 0),
    () => `${room}: ${all.map((client) => `${client.text().length} (${lacking(client).slice(0, 5)})`).join(', ')}`,
    25_000
  )
  for (const client of late) client[Symbol.dispose]()
}

const wordsOf = (word: string, times: number): string[] => Array.from({ length: times }, (_, i) => `${word}${i} `)

test.each(['by NATS', 'by nothing'])(
  '[MR8] relays that hear each other %s give back what a Postgres forgot that went back under them, and show all of it',
  async (by) => {
    await using cluster = await openCluster({
      store: await server.createDatabase(),
      ...(by === 'by NATS' ? { bus: nats.url() } : {})
    })
    const [here = '', there = ''] = cluster.fronts
    const open = (front: string, room: string) => createStockClient('3.1', front, room)
    const busy = [open(here, 'busy'), open(here, 'busy'), open(there, 'busy')]
    // Whose writer has gone: only who looks on at the other relay holds what will be lost.
    const left = [open(there, 'left'), open(there, 'left')]
    const gone = open(here, 'left')
    await eventually(() => [...busy, ...left, gone].every(isThere))
    const [author] = busy
    if (author === undefined) throw new Error('nobody')
    const both = (word: string, times: number) =>
      Promise.all([author, gone].map((each) => writeWords(each, word, times)))
    await both('kept', 10)
    const strike = await forgetfulStore(server)
    await eventually(() => [...busy, ...left, gone].every(isThere))
    await both('lost', 15)
    await eventually(() => [...busy, ...left].every((each) => each.text().includes('lost14 ')))
    gone[Symbol.dispose]()
    await pause(200)
    await strike(cluster, createRandom(1))
    const heir = open(here, 'left')
    await eventually(() => [author, heir].every(isThere))
    await Promise.all([author, heir].map((each) => writeWords(each, 'new', 60)))
    const words = [...wordsOf('kept', 10), ...wordsOf('lost', 15), ...wordsOf('new', 60)]
    await expectWhole(cluster, 'busy', busy, words)
    await expectWhole(cluster, 'left', [...left, heir], words)
    for (const each of [...busy, ...left, heir]) each[Symbol.dispose]()
  }
)
