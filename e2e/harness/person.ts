import { expect, type Page } from '@playwright/test'

/** What a person does, by what they see and read. */

const TIMEOUT = { timeout: 30_000 }

/** Moves inside the app, without loading the page anew. */
export const goTo = async (page: Page, place: 'Breathe' | 'Journal' | 'Field'): Promise<void> => {
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: place }).click()
}

/** The phase the session says now. All its words lie in the page; what a person sees is the one that is lit. */
export const expectPhase = async (page: Page, phase: 'Breathe in' | 'Breathe out'): Promise<void> => {
  await expect(page.getByText(phase, { exact: true })).toHaveCSS('opacity', '1', TIMEOUT)
}

/** Two taps: begins the pattern that is laid out, and waits until the first breath is on. */
export const begin = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Begin', exact: true }).click()
  const understood = page.getByRole('button', { name: 'I understand, begin' })
  const finish = page.getByRole('button', { name: 'Finish' })
  await expect(understood.or(finish).first()).toBeVisible()
  if (await understood.isVisible()) await understood.click()
  await expectPhase(page, 'Breathe in')
}

/** Ends the practice with the exhale and comes to the reflection. */
export const finish = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Finish' }).click()
  await expect(page.getByRole('heading', { name: 'How was it?' })).toBeVisible(TIMEOUT)
}

/** A whole short practice with a line about it. */
export const practise = async (page: Page, line: string): Promise<void> => {
  await goTo(page, 'Breathe')
  await begin(page)
  await finish(page)
  await page.getByRole('textbox', { name: 'A line, if you like' }).fill(line)
  await page.getByRole('button', { name: 'Keep', exact: true }).click()
  await goTo(page, 'Journal')
  await expectLine(page, line)
}

/** Writes a line into the journal, without a practice. */
export const writeLine = async (page: Page, line: string): Promise<void> => {
  await goTo(page, 'Journal')
  await page.getByRole('textbox', { name: 'Write a line' }).fill(line)
  await page.getByRole('button', { name: 'Keep this line' }).click()
  await expectLine(page, line)
  // Nobody turns a page within the milliseconds that the disk takes; a test does.
  await expect(page.locator('form[aria-busy=true]')).toHaveCount(0, TIMEOUT)
}

export const lineOf = (page: Page, line: string) => page.getByRole('main').getByRole('link').filter({ hasText: line })

export const expectLine = async (page: Page, line: string): Promise<void> => {
  await expect(lineOf(page, line)).toHaveCount(1, TIMEOUT)
}

export const expectNoLine = async (page: Page, line: string): Promise<void> => {
  await expect(page.getByRole('heading', { name: 'Journal', level: 1 })).toBeVisible(TIMEOUT)
  await expect(lineOf(page, line)).toHaveCount(0, TIMEOUT)
}

export const editLine = async (page: Page, from: string, to: string): Promise<void> => {
  await goTo(page, 'Journal')
  await lineOf(page, from).click()
  await page.getByRole('textbox', { name: 'What you wrote' }).fill(to)
  await page.getByRole('button', { name: 'Keep', exact: true }).click()
  await expectLine(page, to)
}

export const deleteLine = async (page: Page, line: string): Promise<void> => {
  await goTo(page, 'Journal')
  await lineOf(page, line).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expectNoLine(page, line)
}

const originOf = (page: Page): string => new URL(page.url()).origin

/** Settings are a place with a URL; going there by it is what a bookmark does. */
export const openSettings = (page: Page, section: string) => page.goto(`${originOf(page)}/settings/${section}`)

/** The badge: how far everything this device holds has come. */
export const expectSafe = async (page: Page, words: RegExp): Promise<void> => {
  await openSettings(page, 'safety')
  await expect(page.getByText(words).first()).toBeVisible(TIMEOUT)
}

export const expectOnRelay = (page: Page): Promise<void> => expectSafe(page, /^Safe on this device(?: and|,) the relay/)

export const readPhrase = async (page: Page): Promise<string[]> => {
  await openSettings(page, 'phrase')
  await page.getByRole('button', { name: /^Show (?:my words|them again)$/ }).click()
  const words = page.getByRole('main').getByRole('listitem')
  await expect(words).toHaveCount(12, TIMEOUT)
  return words.allInnerTexts()
}

/** Pastes a phrase on a device and looks for its journal at a relay. */
export const lookElsewhere = async (page: Page, words: readonly string[], relay: string): Promise<void> => {
  await page.goto(`${originOf(page)}/elsewhere`)
  await page.getByRole('textbox', { name: 'Your twelve words' }).fill(words.join(' '))
  await page.getByRole('textbox', { name: 'Relay' }).fill(new URL(relay).host)
  await page.getByRole('button', { name: 'Look there' }).click()
}

/** Takes a journal over on a device that holds nothing yet. */
export const takeOver = async (page: Page, words: readonly string[], relay: string): Promise<void> => {
  await lookElsewhere(page, words, relay)
  await page.getByRole('button', { name: /^Bring (?:it here|this|these)/ }).click(TIMEOUT)
  await expect(page.getByText('Everything has arrived.')).toBeVisible({ timeout: 60_000 })
}

/** Once the app says that it opens without a network. */
export const expectWhole = async (page: Page): Promise<void> => {
  await goTo(page, 'Breathe')
  await expect(page.getByText('Here to stay: opens without a network')).toBeVisible(TIMEOUT)
}
