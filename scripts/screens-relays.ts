import process from 'node:process'
import type { Page } from 'playwright-core'
import { expectOnRelay, expectSafe, openSettings, writeLine } from '#e2e/harness/person.ts'
import { freePort, type Relay } from '#e2e/harness/relay.ts'
import type { Camera } from './camera.ts'
import { mirrored, withDevice, withRelays } from './screens-parts.ts'

/** A journal on several relays: both have it, one is behind, one is away, one is owed an erasure. */

/** The heading above the relays, and all below it. */
const LIST = 'section:has(> .relays)'

const hostOf = (url: string): string => new URL(url).host

const add = async (page: Page, host: string): Promise<void> => {
  await page.getByRole('textbox', { name: 'Another relay' }).fill(host)
  await page.getByRole('button', { name: 'Add this relay' }).click()
}

const refused = async (camera: Camera, page: Page, own: string): Promise<void> => {
  for (const [name, typed] of [
    ['malformed', 'two words.example'],
    [
      'not-allowed',
      'relay-with-a-very-long-name.in-a-cellar.among-the-roots-of-the-old-lime-tree.community.example:8443'
    ],
    ['chosen', own]
  ] as const) {
    await add(page, typed)
    await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor({ timeout: 10_000 })
    await camera.onPhone(page, `22-relays-add-${name}`)
  }
  await page.getByRole('textbox', { name: 'Another relay' }).fill('')
}

const asked = async (camera: Camera, page: Page): Promise<void> => {
  await page
    .getByRole('button', { name: /^Remove/ })
    .last()
    .click()
  await camera.everySize(page, '22-relays-remove')
  await page.keyboard.press('Escape')
}

/** Stopped in the middle of its breath: it neither answers nor closes. */
const behind = async (camera: Camera, page: Page, relay: Relay): Promise<void> => {
  const pid = relay.pid()
  if (pid === undefined) throw new Error('The relay does not run')
  process.kill(pid, 'SIGSTOP')
  try {
    await writeLine(page, 'on its way to one of them')
    // Not by its address: a page that begins anew has not heard from the relay at all.
    await page.getByRole('link', { name: /^Your light/ }).click()
    await page.getByRole('link', { name: 'What is safe where' }).click()
    await page.getByText('1 of 2 relays', { exact: false }).first().waitFor({ timeout: 30_000 })
    await camera.everySize(page, '22-relays-behind', LIST)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await expectSafe(page, /2 relays/)
}

const owed = async (camera: Camera, page: Page): Promise<void> => {
  await camera.open(page, '/settings/erase')
  await page.getByRole('button', { name: 'Erase everywhere' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Erase everywhere' }).click()
  await page.getByText('Not reached to erase', { exact: false }).waitFor({ timeout: 60_000 })
  await camera.everySize(page, '22-relays-erasure-owed')
  await camera.open(page, '/settings/safety')
  await page.getByText('Not reached to erase', { exact: false }).waitFor({ timeout: 60_000 })
  await camera.everySize(page, '22-relays-erasure-owed-safety', LIST)
}

const inBothDirections = async (camera: Camera, page: Page, screen: string): Promise<void> => {
  await camera.everySize(page, screen)
  await camera.phoneAndDesktop(page, `${screen}-list`, LIST)
  await mirrored(camera, page)
  await camera.open(page, '/settings/safety')
  await page.locator('.relay-name').nth(1).waitFor()
  await page.waitForTimeout(1_500)
  await camera.phoneAndDesktop(page, `${screen}-right-to-left`)
  await camera.phoneAndDesktop(page, `${screen}-list-right-to-left`, LIST)
  await camera.open(page, '/settings/language')
  await page.getByRole('radio', { name: 'English' }).click()
  await camera.open(page, '/settings/safety')
  await page.locator('.relay-name').nth(1).waitFor()
}

export const relayStates = async (camera: Camera): Promise<void> => {
  const [one, two] = [await freePort(), await freePort()]
  const twin = `127.0.0.1:${one}`
  const open = (port: number) => ({
    port,
    env: () => ({
      CONNECT_ORIGINS: [`http://localhost:${one}`, `http://localhost:${two}`, `http://${twin}`].join(' ')
    })
  })
  await withRelays([open(one), open(two)], async (...relays) => {
    const [first, second] = relays as readonly [Relay, Relay]
    await withDevice(async (device) => {
      const page = await device.page(first.url)
      await writeLine(page, 'on two relays')
      await expectOnRelay(page)
      await refused(camera, page, hostOf(first.url))
      await add(page, hostOf(second.url))
      await page.locator('.relay-name').nth(1).waitFor()
      await expectSafe(page, /^Safe on this device(?: and|,) 2 relays/)
      await inBothDirections(camera, page, '22-relays-both')
      await asked(camera, page)
      await behind(camera, page, second)
      await add(page, twin)
      await page.getByText('leads to the same', { exact: false }).waitFor({ timeout: 60_000 })
      await camera.phoneAndDesktop(page, '22-relays-twin', LIST)
      await page.getByRole('button', { name: `Remove ${twin}` }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('button', { name: `Remove ${twin}` }).waitFor({ state: 'detached' })
      await second.kill()
      await openSettings(page, 'safety')
      await page.getByText('not reached since', { exact: false }).first().waitFor({ timeout: 60_000 })
      await inBothDirections(camera, page, '22-relays-away')
      await owed(camera, page)
    })
  })
}
