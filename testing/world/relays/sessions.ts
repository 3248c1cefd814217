import { docBytes } from '#app/store/bytes.ts'
import type { RelayName } from '#app/store/ports.ts'
import type { RelayAddress } from '#app/sync/address.ts'
import { leaveRelays } from '#app/sync/leave-relay.ts'
import { createSessions, type Sessions } from '#app/sync/sessions.ts'
import type { RelayFacts, SyncFacts } from '#app/sync/status.ts'
import type { Keyholder } from '#app/vault/ports.ts'
import type { Random } from '#testing/random.ts'
import type { Wire } from '#testing/wire.ts'
import type { Count, Fail } from '#testing/world/counts.ts'
import type { Device, DeviceParts } from '#testing/world/device.ts'
import type { Registry } from '#testing/world/registry.ts'
import { sha256 } from '#testing/world/relay-host.ts'
import { PATHS } from '#testing/world/world.ts'
import type { Site } from './site.ts'

/** The product's own sync with several relays in one tab. */

export const addressOf = (name: RelayName): RelayAddress => ({ name, url: `wss://${name}/sealed` })

/** Which relays a device keeps its journal on. */
export interface Choice {
  readonly names: () => readonly RelayName[]
  subscribe(changed: () => void): void
}

export const startSessions =
  (world: {
    readonly sites: readonly Site[]
    readonly choiceOf: (device: Device) => Choice
    readonly registry: Registry
    readonly random: Random
    readonly count: Count
    readonly fail: Fail
  }): DeviceParts['startSession'] =>
  (device, tab, keyholder, wired) => {
    const { count, fail, registry } = world
    const random = world.random.fork()
    const log = device.held().watch(tab.log)
    const choice = world.choiceOf(device)
    const wires = new Map<RelayName, { readonly wire: Wire; readonly process: number }>()
    let sessions: Sessions | undefined
    let stopped = false
    let turn: Promise<void> = Promise.resolve()

    const watched = (holder: Keyholder): Keyholder => registry.watch(holder, device.name)
    const vault: Parameters<typeof portsOf>[2] = {
      current: async () => {
        const current = await tab.vault.current()
        return current.ok ? { ...current, value: watched(current.value) } : current
      },
      verifyErasure: tab.vault.verifyErasure,
      renewDevice: async () => {
        count('device key renewed')
        const renewed = await tab.vault.renewDevice()
        if (!renewed.ok) return renewed
        const value = watched(renewed.value)
        device.renewed(value)
        return { ...renewed, value }
      }
    }

    const portsOf = (
      site: Site,
      holder: Keyholder,
      vaultPort: { readonly [Verb in 'current' | 'verifyErasure' | 'renewDevice']: (typeof tab.vault)[Verb] }
    ) => ({
      relay: site.name,
      log,
      docLog: {
        ...log,
        subscribe: (changed: Parameters<typeof log.subscribe>[0]) => log.subscribe(tab.gate.in(changed))
      },
      shelf: log,
      keyholder: holder,
      vault: vaultPort,
      docBytes,
      sha256,
      dial: site.network.dialFrom({
        name: tab.name,
        isOnline: device.isOnline,
        bytesPerMs: device.bytesPerMs,
        in: tab.gate.in,
        wired: (wire) => {
          wires.set(site.name, { wire, process: site.host.process() })
          wired(wire)
        }
      }),
      clock: { now: device.clock.wall, mono: device.clock.mono },
      random: () => random.below(2 ** 32) / 2 ** 32,
      setTimer: tab.gate.setTimer,
      documents: async () => PATHS,
      report: (problem: string) => fail('WO2', `${tab.name} at ${site.name}: ${problem}`)
    })

    const begin = async (): Promise<void> => {
      await sessions?.stop()
      sessions = undefined
      const current = await vault.current()
      if (stopped || tab.gate.state() === 'dead') return
      const holder = current.ok ? current.value : keyholder
      const names = choice.names()
      // The disk may refuse: what is left of a relay that is not asked any more does no harm.
      await leaveRelays(log, PATHS, names, holder.device).catch(() => count('relay not left'))
      if (stopped || tab.gate.state() === 'dead') return
      sessions = createSessions({
        relays: names.map(addressOf),
        portsFor: ({ name }, shared) => {
          const site = world.sites.find((each) => each.name === name)
          if (!site) throw new Error(`no relay ${name}`)
          return { ...portsOf(site, holder, vault), ...shared }
        },
        changed: () => undefined
      })
      sessions.start()
    }
    const beginAgain = (): void => {
      turn = turn.then(begin)
    }
    choice.subscribe(() => {
      if (!stopped) beginAgain()
    })
    beginAgain()

    /** A tab cannot know yet that the process at the other end is another. */
    const isConnected = (name: string): boolean => {
      const line = wires.get(name as RelayName)
      const site = world.sites.find((each) => each.name === name)
      return line !== undefined && site !== undefined && line.wire.open() && line.process === site.host.process()
    }
    const OFF: SyncFacts = {
      status: { kind: 'connecting', waiting: 0 },
      relay: null,
      relays: [],
      live: null,
      lastAck: null,
      spokenByAnotherTab: false,
      otherDevices: null,
      notices: []
    }
    const judged = (relay: RelayFacts): RelayFacts =>
      relay.status.kind === 'live' && !isConnected(relay.relay)
        ? { ...relay, status: { kind: 'connecting', waiting: 0 } }
        : relay
    return {
      facts: () => {
        const facts = sessions?.facts() ?? OFF
        return { ...facts, relays: facts.relays.map(judged) }
      },
      retry: () => sessions?.retry(),
      hide: () => sessions?.urgent(),
      stop: async () => {
        stopped = true
        await turn
        await sessions?.stop()
      }
    }
  }
