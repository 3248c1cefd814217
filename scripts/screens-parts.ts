import { rmSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { openProfile, type Profile } from '#e2e/harness/profile.ts'
import { type Relay, type RelayOptions, startRelay } from '#e2e/harness/relay.ts'
import type { Camera } from './camera.ts'

/** What the pictures of several states are taken with. */

export const withDevice = async (use: (device: Profile) => Promise<void>): Promise<void> => {
  const device = await openProfile()
  try {
    await use(device)
  } finally {
    await device.remove()
  }
}

export const withRelays = async (
  options: readonly RelayOptions[],
  use: (...relays: readonly Relay[]) => Promise<void>
): Promise<void> => {
  const relays = await Promise.all(options.map(startRelay))
  try {
    await use(...relays)
  } finally {
    for (const relay of relays) {
      await relay.kill()
      rmSync(relay.folder, { recursive: true, force: true })
    }
  }
}

export const withRelay = (env: Readonly<Record<string, string>>, use: (url: string) => Promise<void>): Promise<void> =>
  withRelays([{ env: () => env }], async (relay) => use((relay as Relay).url))

/** From here on every screen is laid out from right to left. */
export const mirrored = async (camera: Camera, page: Page): Promise<void> => {
  await camera.open(page, '/settings/language?mirror')
  await page.getByRole('radio', { name: 'Mirrored (to try the layout)' }).click()
}
