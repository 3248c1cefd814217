import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Shot } from './gallery.ts'

const sizes = { small: [320, 640], phone: [390, 844], tablet: [820, 1180], desktop: [1280, 800] } as const
const themes = ['light', 'dark'] as const
type Size = keyof typeof sizes

/** Takes pictures of the app as it stands, into a folder. */
export const createCamera = (folder: string) => {
  const shots: Shot[] = []

  /** A picture of what is there, not of what is on its way: a new theme's colours and a screen that fades in take their time. */
  const arrived = (page: Page): Promise<unknown> =>
    page.evaluate(() =>
      Promise.allSettled(
        document
          .getAnimations()
          .filter(({ effect }) => Number(effect?.getComputedTiming().endTime) < 2_000)
          .map(({ finished }) => finished)
      )
    )

  const shoot = async (page: Page, screen: string, size: Size, theme: string): Promise<void> => {
    await arrived(page)
    const file = `${screen}-${size}-${theme}.png`
    await page.screenshot({ path: join(folder, file), animations: 'allow' })
    shots.push({ screen, size, theme, file })
  }

  /** @param from what stands at the upper edge, where that is not the screen's beginning */
  const inSizes = async (page: Page, screen: string, chosen: readonly Size[], from?: string): Promise<void> => {
    for (const size of chosen) {
      const [width, height] = sizes[size]
      await page.setViewportSize({ width, height })
      if (from !== undefined) await page.locator(from).evaluate((element) => element.scrollIntoView())
      for (const colorScheme of themes) {
        await page.emulateMedia({ colorScheme })
        await shoot(page, screen, size, colorScheme)
      }
    }
  }

  /** One screen as it stands, in all sizes and both themes. */
  const everySize = (page: Page, screen: string, from?: string): Promise<void> =>
    inSizes(page, screen, ['small', 'phone', 'tablet', 'desktop'], from)

  /** Where the direction of writing changes, one and two columns are enough. */
  const phoneAndDesktop = (page: Page, screen: string, from?: string): Promise<void> =>
    inSizes(page, screen, ['phone', 'desktop'], from)

  /** One size is enough where only the form changes. */
  const onPhone = async (page: Page, screen: string, media: { reducedMotion?: 'reduce' } = {}): Promise<void> => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme, reducedMotion: media.reducedMotion ?? 'no-preference' })
      await shoot(page, screen, 'phone', colorScheme)
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' })
  }

  const settled = (page: Page): Promise<unknown> => page.evaluate(() => document.fonts.ready)

  const open = async (page: Page, path: string): Promise<void> => {
    await page.goto(new URL(path, page.url()).href)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await settled(page)
  }
  return { shots, everySize, phoneAndDesktop, onPhone, open, settled }
}
export type Camera = ReturnType<typeof createCamera>
