import { createMemoryLog } from '#app/log/memory.ts'
import { createStore } from '#app/store/store.ts'
import { linesIn, type Promised } from './people.ts'
import type { Profile } from './profile.ts'
import type { Stage } from './stage.ts'

/** What a page shows that is opened now, from the disk alone. */
const onDisk = async ({ database }: Profile): Promise<readonly string[]> => {
  const log = createMemoryLog({ database })
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

/** After the move and at rest: both devices show the same, every promise was kept, and nothing is left where B came from. */
export const judgeMove = async (stage: Stage, { kept, gone, maybeGone }: Promised): Promise<void> => {
  const { a, b, disk, fail } = stage
  const [onA, onB] = [await onDisk(a), await onDisk(b)]
  for (const one of [a, b])
    for (const page of one.pages()) {
      const stored = one === a ? onA : onB
      if (linesIn(page).join() !== stored.join()) fail(`${page.name} shows ${linesIn(page)}, its disk has ${stored}`)
    }
  if (onA.join() !== onB.join()) fail(`a has ${onA}; b has ${onB}`)
  for (const id of [...kept.a, ...kept.b]) {
    if (gone.has(id)) {
      if (onA.includes(id) || onB.includes(id)) fail(`${id} was let go of, and is there`)
    } else if (!onA.includes(id) && !maybeGone.has(id)) fail(`${id} was kept, and is nowhere`)
  }
  const living = await stage.rootOf(a)
  for (const [root, { shards }] of disk.bytes().roots)
    if (root !== living && [...shards.values()].some(({ rows }) => rows.length > 0))
      fail(`the former root is still at the relay`)
}
