import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { type Broker, type BusPlace, bytes, connected, heard, reaches, until } from './bus-verbs.contract.ts'

const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

/** Bytes of messages that this process holds, after what nobody holds has been swept. */
const heldBytes = async (): Promise<number> => {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as () => void
  // Buffers are given back a little after what held them.
  for (let i = 0; i < 3; i++) {
    collect()
    await turn()
  }
  const { arrayBuffers, heapUsed, external } = process.memoryUsage()
  return arrayBuffers + heapUsed + external
}

/** Only for a bus over a broker: what happens to it is what is looked at. */
export const busFaults = (place: () => BusPlace & { readonly broker: Broker }): void => {
  test('[BU10] started without a broker, a bus waits for it, says so once, and tells that something may have been missed', async () => {
    const { open, broker } = place()
    await broker.kill()
    const news: { kind: string; reason?: string }[] = []
    const alice = open({ news })
    const bob = open()
    let gaps = 0
    alice.onGap(() => gaps++)
    const got = heard(alice, 'room')
    expect(alice.hears()).toBe(false)
    bob.publish('room', bytes('into the void'))
    await until(() => news.length > 0)
    expect(alice.hears()).toBe(false)
    await broker.start()
    await until(() => alice.hears() && bob.hears())
    expect(gaps).toBeGreaterThan(0)
    expect(news.map(({ kind }) => kind)).toEqual(['away', 'there'])
    expect(news[0]?.reason).toMatch(/refused/i)
    bob.publish('room', bytes('now'))
    await until(() => got.length > 0)
    expect(got).toEqual(['now'])
    expect(bob.counters.dropped).toBe(1)
  })

  test('[BU11] a broker that is killed and comes back empty is noticed both times; who listened listens on', async () => {
    const { open, broker } = place()
    const [alice, bob] = [open(), open()]
    const before = heard(bob, 'before')
    await connected(place(), alice, bob)
    await reaches(alice, bob, 'before')
    const told = { alice: 0, bob: 0 }
    alice.onGap(() => told.alice++)
    bob.onGap(() => told.bob++)
    await broker.kill()
    await until(() => !alice.hears() && !bob.hears())
    const meanwhile = heard(bob, 'meanwhile')
    const left = bob.subscribe('left', () => {
      throw new Error('left while the broker was away')
    })
    left()
    before.length = 0
    alice.publish('before', bytes('lost'))
    await broker.start()
    await until(() => alice.hears() && bob.hears() && told.alice > 0 && told.bob > 0)
    for (const topic of ['left', 'before', 'meanwhile']) alice.publish(topic, bytes(topic))
    await until(() => before.length > 0 && meanwhile.length > 0)
    expect([before, meanwhile]).toEqual([['before'], ['meanwhile']])
  })

  test('[BU12] a broker that hangs is noticed though the connection stays, and so is its return', async () => {
    const { open, broker } = place()
    const news: { kind: string; reason?: string }[] = []
    const [alice, bob] = [open({ news }), open()]
    await connected(place(), alice, bob)
    await reaches(alice, bob, 'room')
    let gaps = 0
    await broker.freeze()
    try {
      await until(() => !alice.hears() && !bob.hears())
      bob.onGap(() => gaps++)
    } finally {
      await broker.thaw()
    }
    await until(() => alice.hears() && bob.hears() && gaps > 0)
    await reaches(alice, bob, 'room')
    await reaches(bob, alice, 'room')
    expect(news.map(({ kind }) => kind)).toEqual(['there', 'away', 'there'])
  })

  test('[BU13] a flood into a broker that hangs is held up to a bound and no further; the others are told to ask the store', async () => {
    const { open, broker } = place()
    const [alice, bob] = [open(), open()]
    await connected(place(), alice, bob)
    await reaches(alice, bob, 'room')
    let gaps = 0
    const start = await heldBytes()
    await broker.freeze()
    try {
      bob.onGap(() => gaps++)
      for (let i = 0; i < 600; i++) {
        alice.publish('room', new Uint8Array(200_000).fill(i))
        for (let j = 0; j < 20; j++) alice.publish(`tiny ${i}`, new Uint8Array(1))
        if (i % 4 === 0) await turn()
      }
      expect((await heldBytes()) - start).toBeLessThan(40_000_000)
      expect(alice.counters.dropped).toBeGreaterThan(500)
    } finally {
      await broker.thaw()
    }
    await until(() => alice.hears() && bob.hears() && gaps > 0)
    await reaches(alice, bob, 'room')
  })

  test('[BU14] what was published before closing leaves; a closed bus leaves nothing behind at the broker', async () => {
    const { open, broker } = place()
    const bob = open()
    const got = heard(bob, 'room')
    await connected(place(), bob)
    const others = await broker.connections()
    for (let i = 0; i < 3; i++) {
      const alice = open()
      await connected(place(), alice)
      got.length = 0
      alice.publish('room', bytes('the last words'))
      await alice.close()
      await until(() => got.length > 0)
    }
    await until(async () => (await broker.connections()) === others)
  })

  test('[BU15] closing ends also while the broker hangs, or is away', async () => {
    const { open, broker } = place()
    const [alice, bob] = [open(), open()]
    await connected(place(), alice, bob)
    await broker.freeze()
    try {
      alice.publish('room', bytes('into the ice'))
      await alice.close()
    } finally {
      await broker.thaw()
    }
    await broker.kill()
    await until(() => !bob.hears())
    await bob.close()
    await open().close()
    await broker.start()
  })

  test('[BU16] a wrong password keeps nobody from starting: it is told once, without the password, and tried again', async () => {
    const { open, broker } = place()
    const news: { kind: string; reason?: string }[] = []
    const alice = open({ news, isWrong: true })
    const bob = open()
    await connected(place(), bob)
    await until(() => news.length > 0)
    expect(alice.hears()).toBe(false)
    expect(news).toEqual([{ kind: 'away', reason: expect.stringMatching(/authenti|authoriz/i) }])
    expect(JSON.stringify(news)).not.toContain('wrong')
    await broker.kill()
    await broker.start('wrong')
    await until(() => alice.hears())
    expect(news.map(({ kind }) => kind)).toEqual(['away', 'there'])
    await broker.kill()
    await broker.start()
    await until(() => bob.hears())
  })
}
