import process from 'node:process'
import { joinRoom, type YClient, type YClientOptions } from './client.ts'
import { createDialect } from './dialects.ts'
import type { RunningServer } from './process.ts'

/** What workloads share: rooms full of clients, a pace, and a window in which CPU seconds are counted. */

export const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** @returns whether it came true within `ms`. */
export const until = async (isTrue: () => boolean, ms: number): Promise<boolean> => {
  const limit = performance.now() + ms
  while (!isTrue()) {
    if (performance.now() > limit) return false
    await wait(5)
  }
  return true
}

/** Runs `send` `perSecond` times a second, evenly, for so long. */
export const pace = async (perSecond: number, seconds: number, send: (n: number) => void): Promise<void> => {
  const begun = performance.now()
  const total = Math.round(perSecond * seconds)
  for (let n = 0; n < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1_000) * perSecond))
    for (; n < due; n++) send(n)
    if (n < total) await wait(1)
  }
}

/**
 * Each of `count` writes once every `period` seconds, at a phase of its own (0..1 of it), until `seconds` are over.
 * @returns times in ms and who writes, in order
 */
export const ownPhases = (
  count: number,
  period: number,
  seconds: number
): readonly { readonly at: number; readonly who: number }[] => {
  // Scattered, and the same in each run.
  const phase = (who: number): number => Math.abs(Math.sin((who + 1) * 12.9898) * 43_758.5453) % 1
  const times: { at: number; who: number }[] = []
  for (let who = 0; who < count; who++) {
    for (let at = phase(who) * period; at < seconds; at += period) times.push({ at: at * 1_000, who })
  }
  return times.sort((a, b) => a.at - b.at)
}

/** Runs `send` at these times. */
export const follow = async (
  times: readonly { readonly at: number; readonly who: number }[],
  send: (who: number) => void
): Promise<void> => {
  const begun = performance.now()
  for (let n = 0; n < times.length; ) {
    const now = performance.now() - begun
    for (let next = times[n]; next !== undefined && next.at <= now; next = times[++n]) send(next.who)
    if (n < times.length) await wait(1)
  }
}

/** At most so many at once: a listen queue is finite. */
export const inBatches = async <Item>(
  count: number,
  atOnce: number,
  make: (n: number) => Promise<Item>
): Promise<Item[]> => {
  const made: Item[] = new Array(count)
  let next = 0
  const work = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) made[n] = await make(n)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work))
  return made
}

/** Spreads clients over loopback addresses. */
export const addressOf = (n: number): string => `127.0.${1 + (Math.floor(n / 250) % 100)}.${1 + (n % 250)}`

export const join = (server: RunningServer, room: string, rest: Partial<YClientOptions> = {}): Promise<YClient> =>
  joinRoom({ port: server.port, dialect: createDialect(server.spec.dialect, server.spec.base), room, ...rest })

export const EMPTY = Uint8Array.of(0)

export interface Window {
  /** Server CPU seconds since it was opened, its own share of a core (0..1), and seconds. */
  close(): { readonly cpu: number; readonly load: number; readonly seconds: number }
}

export const openWindow = (server: RunningServer): Window => {
  const cpu = server.cpuSeconds()
  const own = process.cpuUsage()
  const begun = performance.now()
  return {
    close() {
      const seconds = (performance.now() - begun) / 1_000
      const used = process.cpuUsage(own)
      return { cpu: server.cpuSeconds() - cpu, load: (used.user + used.system) / 1e6 / seconds, seconds }
    }
  }
}
