import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BusPlace, bytes, connected, heard, reaches, text, until } from './bus-verbs.contract.ts'
import { BUS_MESSAGE_BYTES } from './ports.ts'

const END = bytes('end')

export const busMessages = (place: () => BusPlace): void => {
  const two = async (topic: string) => {
    const here = place()
    const alice = here.open()
    const bob = here.open()
    await connected(here, alice, bob)
    await reaches(alice, bob, topic)
    return { alice, bob }
  }

  test('[BU1] what one relay publishes reaches every listener of the others, byte for byte, in order', async () => {
    const { alice, bob } = await two('room')
    const first: Uint8Array[] = []
    const second = heard(bob, 'room')
    bob.subscribe('room', (message) => first.push(message))
    const sent = fc.sample(fc.uint8Array({ maxLength: 300 }), { numRuns: 400, seed: 11 })
    for (const [index, message] of sent.entries()) {
      alice.publish('room', message)
      // Some leave together, some do not.
      if (index % 50 === 0) await new Promise((done) => setImmediate(done))
    }
    alice.publish('room', END)
    await until(() => second.at(-1) === 'end')
    expect(first.slice(0, -1)).toEqual(sent)
    expect(second).toHaveLength(sent.length + 1)
  })

  test('[BU2] topics are compared exactly, whatever characters they hold', async () => {
    const here = place()
    const alice = here.open()
    const bob = here.open()
    const odd = [
      '',
      ' ',
      'a',
      'A',
      'a.b',
      'a*',
      'a>',
      '>',
      '*',
      'a b',
      'ä',
      'a\u0308',
      '\uFEFFa',
      'a\0',
      '\uD800',
      '\uD801',
      '\uFFFD'
    ]
    const random = fc.sample(fc.string({ unit: 'binary', maxLength: 100 }), { numRuns: 200, seed: 12 })
    const topics = [...new Set([...odd, ...random, 'x'.repeat(1_024)])]
    const lists = topics.map((topic) => heard(bob, topic))
    await connected(here, alice, bob)
    await reaches(alice, bob, 'the last of all')
    for (const [index, topic] of topics.entries()) alice.publish(topic, bytes(`${index}`))
    await until(() => lists.every((list) => list.length > 0))
    expect(lists).toEqual(topics.map((_, index) => [`${index}`]))
  })

  test('[BU3] a message may be empty and may be as large as the bound, in one turn with others', async () => {
    const { alice, bob } = await two('room')
    const sizes = [
      0,
      1,
      5_900,
      5_980,
      5_992,
      6_000,
      12_000,
      BUS_MESSAGE_BYTES - 1,
      BUS_MESSAGE_BYTES,
      3,
      BUS_MESSAGE_BYTES
    ]
    const sent = sizes.map((size, index) => new Uint8Array(size).map((_, at) => (at * 31 + index + (at >> 8)) & 0xff))
    const got: Uint8Array[] = []
    bob.subscribe('room', (message) => got.push(message.slice()))
    for (const message of sent) alice.publish('room', message)
    await until(() => got.length === sent.length)
    expect(got.map((message) => message.byteLength)).toEqual(sizes)
    expect(got.every((message, index) => Buffer.from(message).equals(sent[index] as Uint8Array))).toBe(true)
  })

  test('[BU4] a larger message, or one with a longer topic, is not sent; those after it are', async () => {
    const { alice, bob } = await two('room')
    const got = heard(bob, 'room')
    const dropped = alice.counters.dropped
    alice.publish('room', new Uint8Array(BUS_MESSAGE_BYTES + 1))
    alice.publish('ä'.repeat(513), bytes('too long'))
    alice.publish('room', END)
    await until(() => got.length > 0)
    expect(got).toEqual(['end'])
    expect(alice.counters.dropped - dropped).toBe(2)
  })

  test('[BU5] equal messages of one turn all arrive', async () => {
    const { alice, bob } = await two('room')
    const got = heard(bob, 'room')
    const large = 'l'.repeat(7_000)
    for (let i = 0; i < 20; i++) alice.publish('room', bytes(i % 2 === 0 ? 'same' : large))
    alice.publish('room', END)
    await until(() => got.at(-1) === 'end')
    expect(got.map((message) => message.length)).toEqual([
      ...Array.from({ length: 20 }, (_, i) => (i % 2 ? 7_000 : 4)),
      3
    ])
  })

  test('[BU6] who has ended a subscription hears nothing more; other listeners of the topic do', async () => {
    const { alice, bob } = await two('room')
    const gone: string[] = []
    const stop = bob.subscribe('room', (message) => gone.push(text(message)))
    const same = (message: Uint8Array): unknown => gone.push(`same ${text(message)}`)
    const stopSame = bob.subscribe('room', same)
    bob.subscribe('room', same)
    const stays = heard(bob, 'room')
    stop()
    stop()
    stopSame()
    stopSame()
    alice.publish('room', END)
    await until(() => stays.length > 0)
    expect(gone).toEqual(['same end'])
  })

  test('[BU7] a listener that throws keeps no other from hearing, and is told of', async () => {
    const here = place()
    const news: { kind: string; reason?: string }[] = []
    const alice = here.open()
    const bob = here.open({ news })
    await connected(here, alice, bob)
    await reaches(alice, bob, 'room')
    const before = heard(bob, 'room')
    bob.subscribe('room', () => {
      throw new Error('a listener of the test')
    })
    const after = heard(bob, 'room')
    alice.publish('room', bytes('one'))
    alice.publish('room', bytes('two'))
    await until(() => after.length === 2)
    expect([before, after]).toEqual([
      ['one', 'two'],
      ['one', 'two']
    ])
    const failed = (here.broker === undefined ? [] : news).filter(({ kind }) => kind === 'listener-failed')
    if (here.broker !== undefined)
      expect(failed.map(({ reason }) => reason)).toEqual(Array(2).fill('a listener of the test'))
  })

  test('[BU8] thousands of topics are listened to and left again, and nothing of them stays', async () => {
    const here = place()
    const { alice, bob } = await two('room')
    for (const topic of ['the last of many', 'afterwards']) await reaches(alice, bob, topic)
    const before = await here.broker?.subscriptions()
    const topics = Array.from({ length: 3_000 }, (_, index) => `many ${index}`)
    let count = 0
    const stops = topics.map((topic) => bob.subscribe(topic, () => count++))
    await reaches(alice, bob, 'the last of many')
    for (const topic of topics) alice.publish(topic, END)
    await until(() => count === topics.length)
    for (const stop of stops) stop()
    for (const topic of topics) alice.publish(topic, END)
    alice.publish('room', END)
    await reaches(alice, bob, 'afterwards')
    expect(count).toBe(topics.length)
    if (before !== undefined) await until(async () => (await here.broker?.subscriptions()) === before)
  })

  test('[BU9] a bus that is closed says and hears nothing, and closing again is nothing', async () => {
    const { alice, bob } = await two('room')
    const got = heard(bob, 'room')
    const here = place()
    const carol = here.open()
    const late = heard(carol, 'room')
    await connected(here, carol)
    alice.publish('room', bytes('before'))
    await until(() => got.length === 1)
    if (here.broker === undefined) return
    await bob.close()
    await bob.close()
    expect(bob.hears()).toBe(false)
    bob.publish('room', bytes('from the closed'))
    expect(() => bob.subscribe('room', () => {})()).not.toThrow()
    alice.publish('room', END)
    await until(() => late.at(-1) === 'end')
    expect(got).toEqual(['before'])
    expect(late).not.toContain('from the closed')
  })
}
