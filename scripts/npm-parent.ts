import process from 'node:process'

const LOOK_EVERY_MS = 250

/**
 * Runs `leave` when npm has gone. npm tells a signal to its shell, which (dash, for one) ends without telling it on: what was started would stay,
 * and hold its port and its database, with nobody to end it.
 */
export const leaveWithNpm = (leave: () => void): void => {
  const parent = process.ppid
  // Started by hand it may outlive the shell it was started from.
  if (process.env.npm_lifecycle_event === undefined) return
  const looking = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(looking)
    leave()
  }, LOOK_EVERY_MS)
  looking.unref()
}
