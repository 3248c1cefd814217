import { ensureCommand } from '#testing/services/debian-packages.ts'
import { freePort, serviceFolder, startService } from '#testing/services/service-process.ts'

export interface RedisServer extends AsyncDisposable {
  readonly port: number
  readonly pid: number
}

/** A Redis that keeps nothing, as between nodes that only pass messages. */
export const startRedis = async (wrapper: readonly string[]): Promise<RedisServer> => {
  const command = ensureCommand('redis-server')
  const port = await freePort()
  const folder = await serviceFolder('redis')
  const service = await startService({
    command,
    args: ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder.path],
    wrapper,
    ready: /Ready to accept connections/
  })
  return {
    port,
    pid: service.pid,
    async [Symbol.asyncDispose]() {
      await service.stop()
      await folder[Symbol.asyncDispose]()
    }
  }
}
