import type { Page } from './page.ts'
import type { People } from './people.ts'
import type { Profile } from './profile.ts'
import type { Stage } from './stage.ts'

/** Plans what befalls the devices and the relay while B moves. @returns how long it goes on, ms */
export const planMove = (stage: Stage, people: People): number => {
  const { scheduler, random, host, a, b } = stage
  const span = random.pick([60_000, 200_000])
  const plan = (times: number, name: string, run: () => unknown, from = 0): void => {
    for (let i = 0; i < times; i++) scheduler.after(random.between(from, span), name, run)
  }
  const withPage = (of: Profile, run: (page: Page) => unknown) => (): void => {
    if (of.pages().length > 0) run(random.pick(of.pages()))
  }
  /** A device that holds nothing yet takes the words over too. */
  const hasLines = random.chance(0.7)
  host.start()
  a.open()
  b.open()
  scheduler.after(random.between(1, 5_000), 'a writes', () => void people.write(a))
  if (hasLines) scheduler.after(random.between(1, 5_000), 'b writes', () => void people.write(b))
  plan(random.between(2, 8), 'a writes', () => void people.write(a))
  const begins = random.between(5_000, span / 2)
  plan(random.between(0, 6), 'b writes', () => void people.write(b), hasLines ? 0 : begins)
  for (const one of [a, b]) {
    const stress = one === b ? begins : 0
    plan(random.below(6), `${one.name} reloads`, withPage(one, one.reload), stress)
    plan(
      random.below(2),
      `${one.name} closes a page`,
      withPage(one, (page) => page.kill())
    )
    plan(random.below(3), `${one.name} opens a page`, () => one.pages().length < 2 && one.open())
    plan(
      random.below(4),
      `${one.name} folds`,
      withPage(one, (page) => void page.fold())
    )
    plan(random.below(3), `${one.name} is cut off`, one.cut)
  }
  plan(random.below(3), 'relay killed', () => host.kill('by hand'))
  plan(random.below(2), 'looks', () => void people.look())
  // Right upon the first word: pages that go at each step of it.
  if (random.chance(0.5)) {
    const after = begins + random.pick([200, 1_500, 6_000])
    scheduler.after(after, 'b reloads in the middle', withPage(b, b.reload))
  }
  const again = (): void => {
    void people.moveOn()
    scheduler.after(random.between(1_000, 4_000), '', again)
  }
  scheduler.after(begins, 'b begins to take over', again)
  return span
}
