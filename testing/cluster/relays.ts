import { type RelayProcess, type RelayProcessOptions, startRelayProcess } from '#testing/wire/relay-process.ts'

/** A relay process that may end and begin again, on the port it had. */
export interface Relay {
  readonly port: number
  /** Its own address, past every proxy. */
  readonly origin: string
  process(): RelayProcess
  isRunning(): boolean
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGTERM. @returns the exit code. */
  stop(): Promise<number | null>
  start(): Promise<void>
}

export const openRelay = async (options: RelayProcessOptions & { readonly port: number }): Promise<Relay> => {
  const { port } = options
  let process = await startRelayProcess(options)
  return {
    port,
    origin: `http://localhost:${port}`,
    process: () => process,
    isRunning: () => process.child.exitCode === null && process.child.signalCode === null,
    kill: () => process.kill(),
    stop: () => process.stop(),
    async start() {
      process = await startRelayProcess(options)
    }
  }
}

/** Sum of a metric over its labels; the relay must run with METRICS=public. */
export const readMetric = async (relay: Relay, name: string): Promise<number> => {
  const lines = (await (await fetch(`${relay.origin}/metrics`)).text()).split('\n')
  return lines
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
