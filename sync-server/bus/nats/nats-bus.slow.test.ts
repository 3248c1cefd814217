import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BusNews } from '#server/bus/bus-parts.ts'
import { busContract } from '#server/rooms/bus.contract.ts'
import { bytes, heard, reaches, until } from '#server/rooms/bus-verbs.contract.ts'
import { type NatsServer, startNats } from '#testing/services/nats.ts'
import { createNatsBus } from './nats-bus.ts'

const login = { user: 'council', password: 'right' }
let server: NatsServer

beforeAll(async () => {
  server = await startNats(login)
})

afterAll(() => server[Symbol.asyncDispose]())

busContract(
  'NATS',
  ({ news, isWrong = false } = {}) =>
    createNatsBus({
      url: server.url(login.user, isWrong ? 'wrong' : login.password),
      pulseMs: 200,
      report: (each: BusNews) => news?.push(each)
    }),
  () => ({
    kill: server.kill,
    start: (password = login.password) => server.start({ ...login, password }),
    freeze: server.freeze,
    thaw: server.thaw,
    connections: server.connections,
    subscriptions: server.subscriptions
  })
)

test('[BU22] of several brokers any will do: relays on different ones hear each other, and go on with another when theirs ends', async () => {
  await using one = await startNats()
  await using two = await startNats({ joins: one })
  const news: BusNews[] = []
  const alice = createNatsBus({ url: `${one.url()},${two.url()}`, report: (each) => news.push(each) })
  const bob = createNatsBus({ url: two.url() })
  try {
    await until(() => alice.hears() && bob.hears())
    await reaches(alice, bob, 'room')
    await reaches(bob, alice, 'room')
    for (const broker of [one, two]) {
      await broker.kill()
      await until(() => alice.hears() && (broker === two || bob.hears()))
      if (broker === one) await reaches(alice, bob, 'room')
      await broker.start()
      await until(() => alice.hears() && bob.hears())
      await reaches(bob, alice, 'room')
    }
    expect(news.filter(({ kind }) => kind === 'away').length).toBeLessThan(5)
  } finally {
    await Promise.all([alice.close(), bob.close()])
  }
})

test('[BU23] hosts that share a broker keep apart by the prefix in the address', async () => {
  const open = (prefix: string) => createNatsBus({ url: `${server.url()}/${prefix}` })
  const [east, eastToo, west, westToo] = [open('east'), open('east'), open('west'), open('west')]
  const all = [east, eastToo, west, westToo]
  try {
    await until(() => all.every((bus) => bus.hears()))
    const own = heard(eastToo, 'room')
    const strange = heard(west, 'room')
    await reaches(east, eastToo, 'room')
    await reaches(westToo, west, 'room')
    east.publish('room', bytes('from the east'))
    await until(() => own.length > 0)
    westToo.publish('room', bytes('from the west'))
    await until(() => strange.length > 0)
    expect([own, strange]).toEqual([['from the east'], ['from the west']])
  } finally {
    await Promise.all(all.map((bus) => bus.close()))
  }
})

test.each(['publish', 'subscribe'])('[BU25] a relay that may not %s does not hear, and says so', async (verb) => {
  const config = `authorization { users = [{ user: u, password: p, permissions: { ${verb}: { deny: "council.>" } } }] }`
  await using strict = await startNats({ config })
  const news: BusNews[] = []
  const bus = createNatsBus({ url: strict.url('u', 'p'), report: (each) => news.push(each) })
  try {
    bus.subscribe('room', () => {})
    await until(() => {
      bus.publish('room', bytes('may I'))
      return news.some(({ kind }) => kind === 'away')
    })
    expect(bus.hears()).toBe(false)
    expect(news.at(-1)).toEqual({ kind: 'away', reason: expect.stringMatching(/permissions violation/i) })
  } finally {
    await bus.close()
  }
})
