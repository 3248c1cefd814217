import { expect, test } from 'vitest'
import { createGroupCommit } from './group-commit.ts'

/** A store whose commits end when the test says. */
const rig = () => {
  const batches: { readonly items: readonly string[]; end(): void; fail(cause: Error): void }[] = []
  const commits = createGroupCommit<string, string>({
    keyOf: (item) => item[0] ?? '',
    sizeOf: (item) => item.length,
    commit: (items) =>
      new Promise((done, fail) => {
        batches.push({ items, end: () => done(items.map((item) => item.toUpperCase())), fail })
      })
  })
  return { batches, commits }
}
/** Everything that waits for nothing has run. */
const settled = (): Promise<void> => new Promise((done) => setImmediate(done))

test('those who ask together go together, the next gather meanwhile, each gets its own answers', async () => {
  const { batches, commits } = rig()
  const first = [commits.add(['a1', 'b1']), commits.add(['a2'])]
  await settled()
  const second = [commits.add(['c1']), commits.add([]), commits.add(['a3'])]
  await settled()
  expect(batches.map(({ items }) => items)).toEqual([['a1', 'b1', 'a2']])
  batches[0]?.end()
  expect(await Promise.all(first)).toEqual([['A1', 'B1'], ['A2']])
  await settled()
  expect(batches[1]?.items).toEqual(['c1', 'a3'])
  batches[1]?.end()
  expect(await Promise.all(second)).toEqual([['C1'], [], ['A3']])
})

test('a commit that fails fails those who were in it, and the next goes on', async () => {
  const { batches, commits } = rig()
  const first = commits.add(['a1'])
  await settled()
  const second = commits.add(['a2'])
  batches[0]?.fail(new Error('cut'))
  await expect(first).rejects.toThrow('cut')
  await settled()
  batches[1]?.end()
  expect(await second).toEqual(['A2'])
})

test('who asks under a key waits for what was asked under it before, and for nothing else', async () => {
  const { batches, commits } = rig()
  const order: string[] = []
  const note = async (name: string, wait: Promise<unknown> | undefined): Promise<void> => {
    await wait
    order.push(name)
  }
  void commits.add(['a1'])
  await settled()
  const failing = commits.add(['b1']).catch(() => [])
  const waiting = [
    note('of a', commits.settled('a')),
    note('of b', commits.settled('b')),
    note('of c', commits.settled('c')),
    note('of all', commits.allSettled(['c', 'a', 'b']))
  ]
  await settled()
  expect(order).toEqual(['of c'])
  batches[0]?.end()
  await settled()
  expect(order).toEqual(['of c', 'of a'])
  batches[1]?.fail(new Error('cut'))
  await Promise.all([failing, ...waiting])
  expect(order.slice(2).sort()).toEqual(['of all', 'of b'])
  expect(commits.settled('b')).toBeUndefined()
})

test('a batch holds a few megabytes; what is larger goes alone', async () => {
  const { batches, commits } = rig()
  const sizes = [3_000_000, 4_000_000, 5_000_000, 20_000_000, 1]
  const asked = sizes.map((size) => commits.add(['x'.repeat(size)]))
  for (let batch = 0; batch < 4; batch++) {
    await settled()
    batches[batch]?.end()
  }
  await Promise.all(asked)
  expect(batches.map(({ items }) => items.map(({ length }) => length))).toEqual([
    [3_000_000, 4_000_000],
    [5_000_000],
    [20_000_000],
    [1]
  ])
})
