import { createMemoryLog } from '#app/log/memory.ts'
import { entriesOf, note } from '#app/store/device.fixture.ts'
import { createStore } from '#app/store/store.ts'
import type { LocalPractices } from '#app/sync/status.ts'
import type { SyncParts } from '#app/sync/sync-parts.ts'
import { createVault } from '#app/vault/create-vault.ts'
import type { RootId } from '#core/ids.ts'
import { createClock } from '#testing/clock.ts'
import { createInstantCrypto } from '#testing/instant-crypto.ts'
import { createRandom } from '#testing/random.ts'
import { createScheduler } from '#testing/scheduler.ts'
import { type Counts, createCounts } from '#testing/world/counts.ts'
import { createDisk } from '#testing/world/disk.ts'
import { createNetwork } from '#testing/world/network.ts'
import { createRelayHost, sha256 } from '#testing/world/relay-host.ts'
import { calm, rough } from '#testing/world/weather.ts'
import { RELAY } from '#testing/world/world.ts'
import type { Page } from './page.ts'
import { createProfile, type Profile } from './profile.ts'

/**
 * Two phrases meet: whoever practises on B takes over the phrase of A, while pages are reloaded and closed at any step, the relay
 * dies and the network cuts. Played by the whole of sync (create-sync) and by the store, as the app joins them.
 */

export interface MoveOutcome {
  readonly seed: number
  readonly problems: readonly string[]
  readonly counts: Counts
  readonly trace: readonly string[]
}

export const moveCommand = (seed: number): string => `npm run hunt -- --moving --seed ${seed}`

const HEALING_MS = 2 * 3_600_000
const QUIET_MS = 40_000

const linesIn = (page: Pick<Page, 'store'>): readonly string[] =>
  entriesOf(page.store)
    .map(({ id }) => id as string)
    .sort()

export const runMove = async (options: {
  readonly seed: number
  readonly flaw?: (parts: SyncParts) => SyncParts
}): Promise<MoveOutcome> => {
  const { seed } = options
  const scheduler = createScheduler()
  const random = createRandom(seed)
  const crypto = createInstantCrypto(random.fork())
  const { count, counts } = createCounts()
  const problems: string[] = []
  const choice: LocalPractices = random.chance(0.75) ? 'bring' : 'discard'
  let weather = rough(random.fork())
  const fail = (what: string): void => {
    scheduler.note(`!! ${what}`)
    problems.push(`at ${Math.round(scheduler.now())} ms: ${what}`)
  }
  const disk = createDisk({
    scheduler,
    random: random.fork(),
    sha256,
    now: createClock(scheduler).wall,
    rootBytes: 8_000_000,
    weather: () => weather.disk,
    committed: () => undefined
  })
  const host = createRelayHost({
    scheduler,
    random: random.fork(),
    clock: createClock(scheduler),
    disk,
    weather: () => weather,
    address: RELAY,
    sha256,
    limits: { commitWindowMs: random.pick([0, 10]) },
    count,
    problem: fail
  })
  const network = createNetwork({
    scheduler,
    random: random.fork(),
    host,
    weather: () => weather,
    tap: () => () => undefined
  })
  const profile = (name: string): Profile =>
    createProfile({
      name,
      scheduler,
      random: random.fork(),
      crypto,
      network,
      relay: RELAY,
      weather: () => weather,
      report: (problem) => scheduler.note(problem),
      flaw: options.flaw
    })
  const [a, b] = [profile('a'), profile('b')]
  const deeds = random.fork()
  /** On the disk of the device that wrote them. */
  const kept = { a: [] as string[], b: [] as string[] }
  /** B was told that they are let go of; or it asked for that, and went before it heard. */
  const gone = new Set<string>()
  const maybeGone = new Set<string>()
  let words: readonly string[] | undefined
  let asking: Page | undefined
  let moved = false

  const some = (of: Profile): Page | undefined => (of.pages().length === 0 ? undefined : deeds.pick(of.pages()))
  const rootOf = async (of: Profile): Promise<RootId | undefined> => {
    // Read past the pages: one that goes would never answer.
    const shelf = createMemoryLog({ database: of.database })
    const current = await createVault({ shelf, crypto, random: () => new Uint8Array() }).current()
    return current.ok ? current.value.root : undefined
  }

  let written = 0
  const write = async (of: Profile): Promise<void> => {
    const page = some(of)
    // What is written while the old journal goes is nobody's promise.
    if (!page || of.isCondemned(page)) return
    if (of === b && choice === 'discard' && asking !== undefined && b.pages().includes(asking)) return
    const id = `${of.name}-line-${++written}`
    const saved = await page.store.dispatch({
      kind: 'write-line',
      line: note(id, `${id} ${'x'.repeat(deeds.below(200))}`)
    })
    if (!saved.ok) return
    count('wrote')
    kept[of === a ? 'a' : 'b'].push(id)
    // The page that let go of all went in the middle of it: what is written until the next one knows how it stands is nobody's promise.
    if (of === b && choice === 'discard' && asking !== undefined) maybeGone.add(id)
    if (deeds.chance(0.5)) page.sync.urgent()
  }

  /** What the screen of A calls safe, B must show once it is told that everything has arrived. */
  const safeOnA = (): readonly string[] => {
    const page = a.pages().find(({ leads }) => leads())
    const status = page?.sync.sync.get().status
    const safe = status?.kind === 'live' && status.waiting === 0 && status.safety !== 'this-device'
    return page !== undefined && safe && page.store.status.get().unsaved === 0 ? linesIn(page) : []
  }

  const judgeArrival = async (page: Page, promised: readonly string[]): Promise<void> => {
    const here = new Set(linesIn(page))
    for (const id of promised) if (!here.has(id)) fail(`${page.name} says that everything has arrived, and lacks ${id}`)
    const waiting = await page.log.waiting(RELAY)
    if (!waiting.ok || asking !== page) return
    const mine = kept.b.filter((id) => here.has(id))
    count(mine.length > 0 ? 'arrived with lines of its own' : 'arrived')
  }

  /** The person says the words, and says them again as long as the device has not taken them. */
  const takeOver = async (): Promise<void> => {
    const page = some(b)
    if (moved || !page || words === undefined || (asking !== undefined && b.pages().includes(asking))) return
    asking = undefined
    if (page.sync.restore.unfinished.get() !== null) return
    const [mine, theirs] = [await rootOf(b), await rootOf(a)]
    if (mine !== undefined && mine === theirs) {
      moved = true
      return
    }
    asking = page
    const before = [...kept.b]
    const promised = safeOnA()
    count('asked to take over')
    if (choice === 'discard') for (const id of before) maybeGone.add(id)
    const taken = await page.sync.restore.adopt(words, RELAY, choice, (step) => scheduler.note(`${page.name} ${step}`))
    if (asking === page) {
      count(taken.ok ? 'taken over' : `not taken over: ${taken.error}`)
      if (taken.ok && choice === 'bring') await judgeArrival(page, promised)
      asking = undefined
    }
    if (choice === 'discard' && taken.ok) for (const id of before) gone.add(id)
  }

  const look = async (): Promise<void> => {
    const page = some(b)
    if (page && words) count(`looked: ${(await page.sync.restore.look(words, RELAY)).kind}`)
  }

  const learnWords = async (): Promise<void> => {
    const phrase = await some(a)?.vault.phrase()
    if (phrase?.ok && kept.a.length > 0) words = phrase.value
  }

  const span = deeds.pick([60_000, 200_000])
  const plan = (times: number, name: string, run: () => unknown, from = 0): void => {
    for (let i = 0; i < times; i++) scheduler.after(deeds.between(from, span), name, run)
  }
  const with_ = (of: Profile, run: (page: Page) => unknown) => (): void => {
    const page = some(of)
    if (page) run(page)
  }
  /** A device that holds nothing yet takes the words over too. */
  const hasLines = deeds.chance(0.7)
  host.start()
  a.open()
  b.open()
  scheduler.after(deeds.between(1, 5_000), 'a writes', () => void write(a))
  if (hasLines) scheduler.after(deeds.between(1, 5_000), 'b writes', () => void write(b))
  plan(deeds.between(2, 8), 'a writes', () => void write(a))
  const begins = deeds.between(5_000, span / 2)
  plan(deeds.between(0, 6), 'b writes', () => void write(b), hasLines ? 0 : begins)
  for (const one of [a, b]) {
    const stress = one === b ? begins : 0
    plan(deeds.below(6), `${one.name} reloads`, with_(one, one.reload), stress)
    plan(
      deeds.below(2),
      `${one.name} closes a page`,
      with_(one, (page) => page.kill())
    )
    plan(deeds.below(3), `${one.name} opens a page`, () => one.pages().length < 2 && one.open())
    plan(
      deeds.below(4),
      `${one.name} folds`,
      with_(one, (page) => void page.fold())
    )
    plan(deeds.below(3), `${one.name} is cut off`, one.cut)
  }
  plan(deeds.below(3), 'relay killed', () => host.kill('by hand'))
  plan(deeds.below(2), 'looks', () => void look())
  // Right upon the first word: pages that go at each step of it.
  if (deeds.chance(0.5)) {
    const after = begins + deeds.pick([200, 1_500, 6_000])
    scheduler.after(after, 'b reloads in the middle', with_(b, b.reload))
  }
  const people = async (): Promise<void> => {
    if (kept.a.length === 0) await write(a)
    if (words === undefined) await learnWords()
    await takeOver()
  }
  const again = (): void => {
    void people()
    scheduler.after(deeds.between(1_000, 4_000), '', again)
  }
  scheduler.after(begins, 'b begins to take over', again)

  await scheduler.runWhile(() => problems.length === 0, span)
  weather = calm()
  host.start()

  const unsettled = async (): Promise<string | undefined> => {
    if (!moved) return 'b has not taken the words'
    for (const one of [a, b]) {
      const page = one.pages().find(({ leads }) => leads())
      if (page === undefined) return `${one.name} has no leader`
      const { status } = page.sync.sync.get()
      if (status.kind !== 'live' || status.waiting > 0) return `${one.name}: ${JSON.stringify(status)}`
      for (const each of one.pages()) {
        if (each.store.status.get().unsaved > 0) return `${each.name} has edits in memory only`
        if (each.sync.restore.unfinished.get() !== null) return `${each.name} is still at it`
      }
      const note_ = await page.log.get('sync/restore')
      if (!note_.ok || note_.value !== undefined) return `${one.name} has a note left`
    }
    return undefined
  }
  let why: string | undefined
  const deadline = scheduler.now() + HEALING_MS
  for (let quiet = 0; quiet < QUIET_MS && problems.length === 0; quiet += 5_000) {
    await scheduler.runUntil(scheduler.now() + 5_000)
    why = await unsettled()
    if (why !== undefined) quiet = 0
    if (scheduler.now() > deadline) break
  }
  if (problems.length === 0 && why !== undefined) fail(`never came to rest: ${why}`)
  if (problems.length === 0) await judge()

  return { seed, problems, counts, trace: scheduler.trace() }

  /** What a page shows that is opened now, from the disk alone. */
  async function onDisk(of: Profile): Promise<readonly string[]> {
    const log = createMemoryLog({ database: of.database })
    const store = createStore({
      log,
      shelf: log,
      randomId: () => 'oracle',
      currentYear: 2026,
      retryLater: () => undefined
    })
    await store.settled
    return linesIn({ store })
  }

  async function judge(): Promise<void> {
    const [onA, onB] = [await onDisk(a), await onDisk(b)]
    for (const one of [a, b])
      for (const page of one.pages()) {
        const disk_ = one === a ? onA : onB
        if (linesIn(page).join() !== disk_.join()) fail(`${page.name} shows ${linesIn(page)}, its disk has ${disk_}`)
      }
    if (onA.join() !== onB.join()) fail(`a has ${onA}; b has ${onB}`)
    for (const id of [...kept.a, ...kept.b]) {
      if (gone.has(id)) {
        if (onA.includes(id) || onB.includes(id)) fail(`${id} was let go of, and is there`)
      } else if (!onA.includes(id) && !maybeGone.has(id)) fail(`${id} was kept, and is nowhere`)
    }
    const living = await rootOf(a)
    for (const [root, { shards }] of disk.bytes().roots)
      if (root !== living && [...shards.values()].some(({ rows }) => rows.length > 0))
        fail(`the former root is still at the relay`)
  }
}
