import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { test } from './harness/council.ts'
import { begin, finish, writeLine } from './harness/person.ts'

const violations = async (page: Page): Promise<string[]> => {
  // A colour on its way to another is neither of them: what fades in is looked at when it is there. The breath itself never ends.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => Number(effect?.getComputedTiming().endTime) < 5_000)
        .map(({ finished }) => finished)
    )
  )
  const found = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return found.violations.map(({ id, nodes }) => `${page.url()} ${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

const sections = [
  'look',
  'sound',
  'practice',
  'language',
  'safety',
  'phrase',
  'elsewhere',
  'backup',
  'erase',
  'relay-sees',
  'about'
]
const paths = [
  '/',
  '/patterns',
  '/care/box',
  '/journal',
  '/field',
  '/elsewhere',
  '/settings',
  ...sections.map((section) => `/settings/${section}`)
]

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no screen fails WCAG 2.2 AA where a machine can tell, ${colorScheme}`, async ({ council }) => {
    const relay = await council.relay()
    const page = await (await council.device({ phone: true })).page(relay.url)
    await page.emulateMedia({ colorScheme })
    await writeLine(page, 'something to look at')
    const found: string[] = []
    for (const path of paths) {
      await page.goto(`${relay.url}${path}`)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      found.push(...(await violations(page)))
    }
    await page.goto(relay.url)
    await begin(page)
    found.push(...(await violations(page)))
    await finish(page)
    found.push(...(await violations(page)))
    expect(found).toEqual([])
  })
}
