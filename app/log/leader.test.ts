import { expect, test } from 'vitest'
import { BEAT_MS, createLeadership, type Leadership, type Locks, SILENCE_MS } from './leader.ts'
import { createChannels, createHandClock, createLocks } from './tabs.fixture.ts'

/** A browser with tabs of one profile; a frozen tab runs no timer and hears nothing until it thaws. */
const browser = async (locks: Locks | undefined = createLocks()) => {
  const clock = createHandClock()
  const channel = createChannels()
  const openTab = async (visible = true) => {
    const tab = { visible, frozen: false }
    const leadership: Leadership = createLeadership({
      name: 'council-test/leader',
      locks,
      channel: deafWhen(() => tab.frozen, channel()),
      clock: clock.tab(() => tab.frozen),
      visible: () => tab.visible
    })
    await clock.pass(100)
    return Object.assign(tab, { leadership })
  }
  return { clock, openTab }
}

const deafWhen = (frozen: () => boolean, channel: ReturnType<ReturnType<typeof createChannels>>) => {
  const wrapped = {
    postMessage: (message: unknown) => {
      if (!frozen()) channel.postMessage(message)
    },
    onmessage: null as ((event: MessageEvent) => void) | null,
    close: () => channel.close()
  }
  channel.onmessage = (event) => {
    if (!frozen()) wrapped.onmessage?.(event)
  }
  return wrapped
}

test('[LG37] of several tabs one leads; when it closes the next one does, seen or not', async () => {
  const { openTab } = await browser()
  const [first, second, third] = [await openTab(), await openTab(false), await openTab()]
  const states = () => [first, second, third].map((tab) => tab.leadership.state())
  expect(states()).toEqual(['leading', 'waiting', 'waiting'])
  const heard: string[] = []
  second.leadership.subscribe((state) => heard.push(state))
  first.leadership.close()
  await Promise.resolve().then(() => {})
  await new Promise((resolve) => setImmediate(resolve))
  expect(states()).toEqual(['closed', 'leading', 'waiting'])
  expect(heard).toEqual(['leading'])
})

test('[LG38] a leader that is silent for ten seconds is replaced by a tab that is seen, and learns of it when it thaws', async () => {
  const { clock, openTab } = await browser()
  const [first, hidden, seen] = [await openTab(), await openTab(false), await openTab(true)]
  first.frozen = true
  await clock.pass(SILENCE_MS - BEAT_MS)
  expect(seen.leadership.state()).toBe('waiting')
  await clock.pass(2 * BEAT_MS)
  expect(seen.leadership.state()).toBe('leading')
  expect(hidden.leadership.state()).toBe('waiting')
  first.frozen = false
  await clock.pass(BEAT_MS)
  expect(first.leadership.state()).toBe('waiting')
})

test('[LG39] a leader that beats is left alone, whoever is seen', async () => {
  const { clock, openTab } = await browser()
  const [first, second] = [await openTab(false), await openTab(true)]
  await clock.pass(60_000)
  expect([first, second].map((tab) => tab.leadership.state())).toEqual(['leading', 'waiting'])
})

test('[LG40] a tab that slept itself does not take the missed beats for silence', async () => {
  const { clock, openTab } = await browser()
  const [first, second] = [await openTab(), await openTab()]
  second.frozen = true
  await clock.pass(60_000)
  second.frozen = false
  await clock.pass(3 * BEAT_MS)
  expect([first, second].map((tab) => tab.leadership.state())).toEqual(['leading', 'waiting'])
})

test('[LG41] who resigns waits behind the others, and leads again where there is no other', async () => {
  const { clock, openTab } = await browser()
  const first = await openTab()
  first.leadership.resign()
  await clock.pass(100)
  expect(first.leadership.state()).toBe('leading')
  const second = await openTab()
  first.leadership.resign()
  await clock.pass(100)
  expect([first, second].map((tab) => tab.leadership.state())).toEqual(['waiting', 'leading'])
  second.leadership.close()
  await clock.pass(100)
  expect(first.leadership.state()).toBe('leading')
})

test('[LG42] without locks every tab leads; where the lock is refused a tab goes on asking', async () => {
  const without = createLeadership({
    name: 'council-test/leader',
    locks: undefined,
    channel: createChannels()(),
    clock: createHandClock(),
    visible: () => true
  })
  expect(without.state()).toBe('leading')
  without.close()
  let asked = 0
  const refusing: Locks = {
    request: () => {
      asked++
      return Promise.reject(new DOMException('not here', 'SecurityError'))
    }
  }
  const { clock, openTab } = await browser(refusing)
  const tab = await openTab(false)
  await clock.pass(3 * BEAT_MS)
  expect(tab.leadership.state()).toBe('waiting')
  expect(asked).toBe(4)
})

test('[LG38] two tabs that steal at once end with one leader', async () => {
  const { clock, openTab } = await browser()
  const [first, second, third] = [await openTab(), await openTab(), await openTab()]
  first.frozen = true
  await clock.pass(SILENCE_MS + 2 * BEAT_MS)
  const states = [second, third].map((tab) => tab.leadership.state())
  expect(states.sort()).toEqual(['leading', 'waiting'])
})
