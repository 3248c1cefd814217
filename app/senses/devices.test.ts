import { expect, test } from 'vitest'
import { createHaptics } from './haptics.ts'
import { createPracticeLock, type Locks } from './practice-lock.ts'
import { createWakeLock } from './wake-lock.ts'
import { createWebTones } from './web-tones.ts'

const rest = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

const page = () => {
  let visible = true
  const listeners = new Set<() => void>()
  const log: string[] = []
  return {
    log,
    listeners,
    show: (now: boolean) => {
      visible = now
      for (const run of [...listeners]) run()
    },
    port: {
      visible: () => visible,
      onVisibility: (run: () => void) => {
        listeners.add(run)
        return () => listeners.delete(run)
      },
      wakeLock: {
        request: async () => {
          log.push('request')
          return {
            release: async () => {
              log.push('release')
            }
          }
        }
      }
    }
  }
}

test('[BR26] the screen is held again each time the page is shown, and let go at the end', async () => {
  const { port, log, show, listeners } = page()
  const lock = createWakeLock(port)
  lock.hold()
  lock.hold()
  await rest()
  expect(log).toEqual(['request'])
  show(false)
  show(true)
  await rest()
  expect(log).toEqual(['request', 'request'])
  lock.release()
  await rest()
  expect(log).toEqual(['request', 'request', 'release'])
  show(true)
  await rest()
  expect([log.length, listeners.size]).toEqual([3, 0])
})

test('[BR26] a lock that arrives after the end is let go, and a refusal stops nothing', async () => {
  const { port, log } = page()
  const lock = createWakeLock(port)
  lock.hold()
  lock.release()
  await rest()
  expect(log).toEqual(['request', 'release'])
  const refusing = createWakeLock({ ...port, wakeLock: { request: async () => Promise.reject(new Error('battery')) } })
  refusing.hold()
  await rest()
  refusing.release()
  expect(createWakeLock({ ...port, wakeLock: undefined }).available).toBe(false)
})

test('[BR25] a device that does not vibrate, or is not held in a hand, says so', () => {
  const buzzed: number[][] = []
  const device = { vibrate: (pattern: number[]) => buzzed.push(pattern) > 0 }
  createHaptics(device, true).buzz([60])
  createHaptics(device, false).buzz([60])
  expect(buzzed).toEqual([[60]])
  expect(
    [createHaptics(device, true), createHaptics(device, false), createHaptics({}, true)].map(
      ({ available }) => available
    )
  ).toEqual([true, false, false])
})

test('[BR25] without Web Audio there is no sound, and a context that will not start is not an error', async () => {
  const missing = createWebTones(null)
  expect([missing.available, await missing.wake(), missing.now()]).toEqual([false, false, null])
  const broken = createWebTones(() => {
    throw new Error('no device')
  })
  expect([broken.available, await broken.wake(), broken.now()]).toEqual([true, false, null])
})

test('[BR18] a practice that runs in another tab is not taken for one that was cut short', async () => {
  const held = new Set<string>()
  const locks: Locks = {
    request: async (name, _options, run) => {
      if (held.has(name)) return run(null)
      held.add(name)
      await run({ name })
      held.delete(name)
    },
    query: async () => ({ held: [...held].map((name) => ({ name })) })
  }
  const [one, two, stranger] = ['a', 'a', 'b'].map((name) => createPracticeLock(locks, name))
  one?.hold()
  expect([await one?.heldElsewhere(), await two?.heldElsewhere(), await stranger?.heldElsewhere()]).toEqual([
    false,
    true,
    false
  ])
  one?.release()
  await rest()
  expect(await two?.heldElsewhere()).toBe(false)
})
