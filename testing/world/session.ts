import { docBytes } from '#app/store/bytes.ts'
import type { RelayName } from '#app/store/ports.ts'
import { factsOf } from '#app/sync/facts.ts'
import { createRunner } from '#app/sync/runner.ts'
import type { SessionState } from '#app/sync/session-state.ts'
import type { Sha256 } from '#core/chain.ts'
import type { Random } from '#testing/random.ts'
import type { Count, Fail } from './counts.ts'
import type { DeviceParts } from './device.ts'
import { flawed } from './device-flaws.ts'
import type { Network } from './network.ts'
import type { Registry } from './registry.ts'
import type { DeviceFlaw } from './world.ts'

/** The product's own sync in one tab, with the world's time, randomness and network. */
export const startSession =
  (world: {
    readonly relay: RelayName
    readonly paths: DeviceParts['paths']
    readonly network: Network
    readonly sha256: Sha256
    readonly random: Random
    readonly count: Count
    readonly fail: Fail
    readonly registry: Registry
    readonly flaw: DeviceFlaw | undefined
  }): DeviceParts['startSession'] =>
  (device, tab, keyholder, wired) => {
    const { count, fail, registry, network } = world
    const random = world.random.fork()
    const log = device.held().watch(tab.log)
    const place = { name: tab.name, isOnline: device.isOnline, bytesPerMs: device.bytesPerMs, in: tab.gate.in, wired }
    const runner = createRunner({
      ...flawed(world.flaw, { log, keyholder, docBytes }, world.paths),
      relay: world.relay,
      docLog: { ...log, subscribe: (changed) => log.subscribe(tab.gate.in(changed)) },
      shelf: log,
      vault: {
        current: async () => {
          const current = await tab.vault.current()
          return current.ok ? { ...current, value: registry.watch(current.value, device.name) } : current
        },
        verifyErasure: tab.vault.verifyErasure,
        renewDevice: async () => {
          count('device key renewed')
          const renewed = await tab.vault.renewDevice()
          if (!renewed.ok) return renewed
          const watched = registry.watch(renewed.value, device.name)
          device.renewed(watched)
          return { ...renewed, value: watched }
        }
      },
      sha256: world.sha256,
      dial: network.dialFrom(place),
      clock: { now: device.clock.wall, mono: device.clock.mono },
      random: () => random.below(2 ** 32) / 2 ** 32,
      setTimer: tab.gate.setTimer,
      documents: async () => world.paths,
      report: (problem) => fail('WO2', `${tab.name}: ${problem}`)
    })
    let before: SessionState = runner.state()
    runner.subscribe((state) => {
      for (const notice of state.notices) if (!before.notices.includes(notice)) count(`notice ${notice.kind}`)
      before = state
    })
    runner.start()
    return {
      facts: () => factsOf(runner.state(), world.relay),
      retry: runner.retry,
      hide: runner.urgent,
      stop: runner.stop
    }
  }
