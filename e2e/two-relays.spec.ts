import { expect, type Page } from '@playwright/test'
import { type PostgresServer, startPostgres } from '#testing/services/postgres.ts'
import { type Council, test } from './harness/council.ts'
import { type Notebook, startNotebook } from './harness/notebook.ts'
import { begin, expectLine, expectOnRelay, finish, goTo, readPhrase, takeOver, writeLine } from './harness/person.ts'
import { freePort, type Relay } from './harness/relay.ts'

// One Postgres for all of them.
test.describe.configure({ mode: 'default' })

let store: PostgresServer
let notebook: Notebook

test.beforeAll(async () => {
  store = await startPostgres()
  notebook = await startNotebook()
})

test.afterAll(async () => {
  await notebook.close()
  await store[Symbol.asyncDispose]()
})

/** Two relays of one host, started at the same moment over an empty database. Each serves pages that may talk to the other. */
const openRelays = async (council: Council): Promise<[Relay, Relay]> => {
  const url = await store.createDatabase()
  const [one, two] = [await freePort(), await freePort()]
  const open = (port: number, other: number): Promise<Relay> =>
    council.relay({
      port,
      env: () => ({ DATABASE_URL: url, BUS_URL: 'postgres:', CONNECT_ORIGINS: `http://localhost:${other}` })
    })
  return Promise.all([open(one, two), open(two, one)])
}

const sharedText = (page: Page) => page.getByRole('textbox', { name: 'Shared text' })

test('two people at two relays write one text in somebody else’s program, and one relay’s death stops neither', async ({
  council
}) => {
  const [first, second] = await openRelays(council)
  const onA = await (await council.device()).page(notebook.url(first.url, 'common notes'))
  const onB = await (await council.device()).page(notebook.url(second.url, 'common notes'))
  for (const page of [onA, onB]) await expect(page.getByRole('status')).toHaveText('synced')
  await sharedText(onA).fill('A was here.')
  await expect(sharedText(onB)).toHaveValue('A was here.')
  await sharedText(onB).pressSequentially(' B too.')
  await expect(sharedText(onA)).toHaveValue('A was here. B too.')

  await first.kill()
  await sharedText(onA).fill('A was here. B too. A, alone for now.')
  await sharedText(onB).fill('Title. A was here. B too.')
  const late = await (await council.device()).page(notebook.url(second.url, 'common notes'))
  await expect(sharedText(late)).toHaveValue('Title. A was here. B too.')
  await first.start()
  for (const page of [onA, onB, late])
    await expect(sharedText(page)).toHaveValue('Title. A was here. B too. A, alone for now.', { timeout: 30_000 })
})

test('people at two relays are in one field', async ({ council }) => {
  const [first, second] = await openRelays(council)
  const alice = await (await council.device()).page(first.url)
  const bob = await (await council.device()).page(second.url)
  const watchers = [await (await council.device()).page(first.url), await (await council.device()).page(second.url)]
  for (const page of watchers) await goTo(page, 'Field')
  for (const page of [alice, bob]) {
    await goTo(page, 'Field')
    await page.getByRole('switch', { name: 'Count me while I practise' }).check()
    await goTo(page, 'Breathe')
    await begin(page)
  }
  const expectField = async (words: string): Promise<void> => {
    for (const page of watchers)
      await expect(page.getByRole('heading', { level: 1, name: words })).toBeVisible({ timeout: 40_000 })
  }
  await expectField('2 people are practising now')
  await finish(bob)
  await expectField('One person is practising now')
})

test('a journal written at one relay is read at another, also after the first has died', async ({ council }) => {
  const [first, second] = await openRelays(council)
  const onA = await (await council.device()).page(first.url)
  await writeLine(onA, 'written at the first relay')
  await expectOnRelay(onA)
  const words = await readPhrase(onA)
  await first.kill()
  const onB = await (await council.device()).page(second.url)
  await takeOver(onB, words, second.url)
  await goTo(onB, 'Journal')
  await expectLine(onB, 'written at the first relay')
  await writeLine(onB, 'answered at the second')
  await expectOnRelay(onB)
  await first.start()
  await goTo(onA, 'Journal')
  await expectLine(onA, 'answered at the second')
})
