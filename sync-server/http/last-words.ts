import type { Server } from 'node:http'

const LOOK_EVERY_MS = 20

/**
 * Sockets that were closed have their close code on the way, and the peer's answer to it; breaking them off sooner would
 * overtake both. Resolves when all are gone, or after `limitMs`.
 */
export const lastWords = async (server: Server, limitMs = 2_000): Promise<void> => {
  server.closeIdleConnections()
  for (let waited = 0; waited < limitMs; waited += LOOK_EVERY_MS) {
    const open = await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
    if (open === 0) return
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
