import { rmSync } from 'node:fs'
import { test as base } from '@playwright/test'
import { type Clone, cloneProject } from './command.ts'
import { openProfile, type Profile, type ProfileOptions } from './profile.ts'
import { type Between, type BetweenOptions, startProxy } from './proxy.ts'
import { type Relay, type RelayOptions, startRelay } from './relay.ts'

/** Relays, proxies and devices of one test; all are ended after it, and what a device complained about fails it. */
export type Council = {
  readonly relay: (options?: RelayOptions) => Promise<Relay>
  readonly proxy: (options?: BetweenOptions) => Promise<Between>
  readonly device: (options?: ProfileOptions) => Promise<Profile>
  /** A copy of the project to run its commands in. */
  readonly clone: () => Clone
}

export const test = base.extend<{ council: Council }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are asked for from this pattern.
  council: async ({}, use, info) => {
    const relays: Relay[] = []
    const proxies: Between[] = []
    const devices: Profile[] = []
    const clones: Clone[] = []
    const keep = async <T>(list: T[], made: Promise<T>): Promise<T> => {
      const one = await made
      list.push(one)
      return one
    }
    await use({
      relay: (options) => keep(relays, startRelay(options)),
      proxy: (options) => keep(proxies, startProxy(options)),
      device: (options) => keep(devices, openProfile(options)),
      clone: () => {
        const clone = cloneProject()
        clones.push(clone)
        return clone
      }
    })
    const complaints = devices.flatMap((device) => device.complaints())
    if (info.status !== info.expectedStatus) {
      for (const relay of relays) await info.attach('relay', { body: relay.printed(), contentType: 'text/plain' })
      await info.attach('complaints', { body: complaints.join('\n\n'), contentType: 'text/plain' })
    }
    await Promise.all(devices.map((device) => device.remove()))
    await Promise.all(proxies.map((proxy) => proxy.close()))
    await Promise.all(relays.map((relay) => relay.kill()))
    await Promise.all(clones.map((clone) => clone.remove()))
    for (const relay of relays) rmSync(relay.folder, { recursive: true, force: true, maxRetries: 5 })
    if (info.status === info.expectedStatus && complaints.length > 0)
      throw new Error(`The page complained:\n${complaints.join('\n\n')}`)
  }
})
