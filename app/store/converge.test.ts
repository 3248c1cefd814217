import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PatternId } from '#app/domain/breath/pattern.ts'
import type { RecordId } from '#app/domain/practice/record.ts'
import { builtIn } from '#app/domain/practice/setup.fixture.ts'
import { sameDocument } from './bytes.ts'
import { carry, entriesOf, note, openTab, practice, rest, type Tab } from './device.fixture.ts'
import type { Command } from './face.ts'
import type { DocPath } from './ports.ts'

type Step =
  | { readonly who: number; readonly command: Command }
  | { readonly from: number; readonly to: number }
  | { readonly reload: number }

const id = fc.constantFrom('r0', 'r1', 'r2') as fc.Arbitrary<RecordId>
const line = fc.constantFrom('', 'snow', 'snow and light', 'light 😀', 'quiet')
const tags = fc.subarray(['dawn', 'home', 'train'])

const command: fc.Arbitrary<Command> = fc.oneof(
  id.map((each): Command => ({ kind: 'keep-practice', record: practice(each) })),
  fc.tuple(id, line).map(([each, text]): Command => ({ kind: 'write-line', line: note(`l${each}`, text) })),
  fc.tuple(id, line, tags).map(
    ([each, text, some]): Command => ({
      kind: 'edit-entry',
      id: each,
      year: 2026,
      change: { line: text, tags: some }
    })
  ),
  id.map((each): Command => ({ kind: 'delete-entry', id: each, year: 2026 })),
  id.map((each): Command => ({ kind: 'restore-entry', entry: practice(each, { line: 'restored' }) })),
  fc
    .constantFrom('night', 'paper', 'black')
    .map((theme): Command => ({ kind: 'change-settings', change: { theme: theme as 'night' } })),
  fc.integer({ min: 0, max: 9 }).map((countIn): Command => ({ kind: 'change-settings', change: { countIn } })),
  fc.tuple(fc.constantFrom('p0', 'p1'), line).map(
    ([each, name]): Command => ({
      kind: 'save-pattern',
      pattern: { ...builtIn('box'), id: each as PatternId, name, origin: 'own' }
    })
  ),
  fc.constantFrom('p0', 'p1').map((each): Command => ({ kind: 'delete-pattern', id: each as PatternId })),
  fc
    .constantFrom('p0', 'box')
    .map((each): Command => ({ kind: 'favour-pattern', id: each as PatternId, favourite: true }))
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ who: fc.nat(2), command }) },
  { weight: 2, arbitrary: fc.record({ from: fc.nat(2), to: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ reload: fc.nat(2) }) }
)

const shown = ({ store }: Tab) => ({
  entries: entriesOf(store),
  settings: store.settings.get(),
  patterns: store.patterns.get(),
  favourites: [...store.favourites.get()],
  paths: store.paths.get()
})

const bytesOf = async ({ log }: Tab, path: DocPath): Promise<readonly Uint8Array[]> => {
  const loaded = await log.load(path)
  if (!loaded.ok) throw new Error('load')
  return [
    ...(loaded.value.base === undefined ? [] : [loaded.value.base]),
    ...loaded.value.rows.map(({ update }) => update)
  ]
}

test('[JR21] whatever three devices do apart, once they met they show the same, also after a reload', async () => {
  let deletedUnseen = 0
  let entries = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const tabs = [0, 1, 2].map((n) => openTab({ name: `d${n}` }))
      const at = (n: number): Tab => tabs[n] as Tab
      for (const each of ['r0', 'r1']) await at(0).store.dispatch({ kind: 'keep-practice', record: practice(each) })
      for (const n of [1, 2]) await carry(at(0), at(n))
      for (const each of steps) {
        if ('command' in each) await at(each.who).store.dispatch(each.command)
        else if ('reload' in each)
          tabs[each.reload] = openTab({ database: at(each.reload).database, name: `d${each.reload}` })
        else if (each.from !== each.to) await carry(at(each.from), at(each.to))
      }
      await Promise.all(tabs.map(({ store }) => store.settled))
      // Twice round: what a device repairs while it merges has to reach the others too.
      for (let round = 0; round < 2; round++) {
        for (const [from, to] of [
          [0, 1],
          [1, 2],
          [2, 0],
          [0, 1],
          [1, 2]
        ] as const)
          await carry(at(from), at(to))
      }
      await rest()
      const [first, ...others] = tabs.map(shown)
      for (const other of others) expect(other).toEqual(first)
      const reloaded = openTab({ database: at(1).database })
      await reloaded.store.settled
      expect(shown(reloaded)).toEqual(first)
      for (const path of at(0).store.paths.get()) {
        expect(sameDocument(await bytesOf(at(0), path), await bytesOf(at(2), path))).toBe(true)
      }
      deletedUnseen += tabs.reduce((sum, { store }) => sum + store.lostEdits.get().length, 0)
      entries += first?.entries.length ?? 0
    }),
    { numRuns: 80 }
  )
  // Not a test if nothing happened.
  expect(entries).toBeGreaterThan(20)
  expect(deletedUnseen).toBeGreaterThan(0)
}, 60_000)
