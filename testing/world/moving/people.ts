import { entriesOf, note } from '#app/store/device.fixture.ts'
import { RELAY } from '#testing/world/world.ts'
import type { Page } from './page.ts'
import type { Profile } from './profile.ts'
import type { Stage } from './stage.ts'

/** What the devices promised of the lines that were written. */
export interface Promised {
  /** On the disk of the device that wrote them. */
  readonly kept: { readonly a: readonly string[]; readonly b: readonly string[] }
  /** B was told that they are let go of. */
  readonly gone: ReadonlySet<string>
  /** B asked for that and went before it heard, or wrote them meanwhile: they may be there or not. */
  readonly maybeGone: ReadonlySet<string>
}

/** Who writes on both devices, and moves B to the phrase of A. */
export interface People {
  readonly promised: Promised
  write(on: Profile): Promise<void>
  /** B is asked what the words of A would bring. */
  look(): Promise<void>
  /** The person says the words, and says them again as long as the device has not taken them. */
  moveOn(): Promise<void>
  hasMoved(): boolean
}

/** What a page shows. */
export const linesIn = (page: Pick<Page, 'store'>): readonly string[] =>
  entriesOf(page.store)
    .map(({ id }) => id as string)
    .sort()

export const createPeople = (stage: Stage): People => {
  const { scheduler, random, a, b, choice, count, fail, rootOf } = stage
  const kept = { a: [] as string[], b: [] as string[] }
  const gone = new Set<string>()
  const maybeGone = new Set<string>()
  let words: readonly string[] | undefined
  let asking: Page | undefined
  let moved = false
  let written = 0

  const somePage = (of: Profile): Page | undefined => (of.pages().length === 0 ? undefined : random.pick(of.pages()))
  const isAsking = (): boolean => asking !== undefined && b.pages().includes(asking)

  const write = async (on: Profile): Promise<void> => {
    const page = somePage(on)
    // What is written while the old journal goes is nobody's promise.
    if (!page || on.isCondemned(page)) return
    if (on === b && choice === 'discard' && isAsking()) return
    const id = `${on.name}-line-${++written}`
    const saved = await page.store.dispatch({
      kind: 'write-line',
      line: note(id, `${id} ${'x'.repeat(random.below(200))}`)
    })
    if (!saved.ok) return
    count('wrote')
    kept[on === a ? 'a' : 'b'].push(id)
    // The page that let go of all went in the middle of it: what is written until the next one knows how it stands is nobody's promise.
    if (on === b && choice === 'discard' && asking !== undefined) maybeGone.add(id)
    if (random.chance(0.5)) page.sync.urgent()
  }

  /** What the screen of A calls safe, B must show once it is told that everything has arrived. */
  const safeOnA = (): readonly string[] => {
    const page = a.pages().find(({ leads }) => leads())
    const status = page?.sync.sync.get().status
    const safe = status?.kind === 'live' && status.waiting === 0 && status.safety !== 'this-device'
    return page !== undefined && safe && page.store.status.get().unsaved === 0 ? linesIn(page) : []
  }

  const judgeArrival = async (page: Page, safe: readonly string[]): Promise<void> => {
    const here = new Set(linesIn(page))
    for (const id of safe) if (!here.has(id)) fail(`${page.name} says that everything has arrived, and lacks ${id}`)
    const waiting = await page.log.waiting(RELAY)
    if (!waiting.ok || asking !== page) return
    const mine = kept.b.filter((id) => here.has(id))
    count(mine.length > 0 ? 'arrived with lines of its own' : 'arrived')
  }

  const takeOver = async (): Promise<void> => {
    const page = somePage(b)
    if (moved || !page || words === undefined || isAsking()) return
    asking = undefined
    if (page.sync.restore.unfinished.get() !== null) return
    const [mine, theirs] = [await rootOf(b), await rootOf(a)]
    if (mine !== undefined && mine === theirs) {
      moved = true
      return
    }
    asking = page
    const before = [...kept.b]
    const safe = safeOnA()
    count('asked to take over')
    if (choice === 'discard') for (const id of before) maybeGone.add(id)
    const taken = await page.sync.restore.adopt(words, RELAY, choice, (step) => scheduler.note(`${page.name} ${step}`))
    if (asking === page) {
      count(taken.ok ? 'taken over' : `not taken over: ${taken.error}`)
      if (taken.ok && choice === 'bring') await judgeArrival(page, safe)
      asking = undefined
    }
    if (choice === 'discard' && taken.ok) for (const id of before) gone.add(id)
  }

  const learnWords = async (): Promise<void> => {
    const phrase = await somePage(a)?.vault.phrase()
    if (phrase?.ok && kept.a.length > 0) words = phrase.value
  }

  return {
    promised: { kept, gone, maybeGone },
    write,
    async look() {
      const page = somePage(b)
      if (page && words) count(`looked: ${(await page.sync.restore.look(words, RELAY)).kind}`)
    },
    async moveOn() {
      if (kept.a.length === 0) await write(a)
      if (words === undefined) await learnWords()
      await takeOver()
    },
    hasMoved: () => moved
  }
}
