import type pg from 'pg'

export interface PulseOptions {
  readonly everyMs: number
  /** Nobody else listens to it. */
  readonly channel: string
  readonly onBeat: () => void
  readonly onLate: () => void
  readonly onDead: () => void
}

/** Looks, not milliseconds: a process that was stopped itself looks once when it goes on, and has heard nothing yet. */
const LATE_AFTER = 2
const DEAD_AFTER = 8

/**
 * A connection may be open and carry nothing: the server is stopped, the network swallows, a pool between lends the connection that
 * listens to somebody else. What one connection says and the other hears shows that notifications come through.
 * @returns ends it
 */
export const openPulse = async (ear: pg.Client, mouth: pg.Client, options: PulseOptions): Promise<() => void> => {
  const { channel } = options
  let looks = 0
  const beat = (): void => {
    looks = 0
    // A failure shows as the connection's end, or as silence.
    mouth.query(`NOTIFY ${channel}`).catch(() => {})
  }
  ear.on('notification', (notification) => {
    if (notification.channel !== channel) return
    looks = -1
    options.onBeat()
  })
  await ear.query(`LISTEN ${channel}`)
  beat()
  const timer = setInterval(() => {
    if (looks < 0) return beat()
    looks++
    if (looks === LATE_AFTER) options.onLate()
    if (looks === DEAD_AFTER) options.onDead()
  }, options.everyMs)
  return () => clearInterval(timer)
}
