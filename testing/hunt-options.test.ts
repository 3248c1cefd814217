import { expect, test } from 'vitest'
import { readHuntOptions } from './hunt-options.ts'

const read = (...args: string[]) => readHuntOptions(args)

test('a hunt is for the sealed world unless another is named', () => {
  expect(read()).toMatchObject({ ok: true, value: { world: 'sealed', relays: 1, seeds: 1_000, from: 1 } })
  expect(read('--world', 'open', '--relays', '3', '--seed', '7')).toMatchObject({
    value: { world: 'open', relays: 3, seed: 7 }
  })
  for (const world of ['moving', 'independent', 'cluster'])
    expect(read(`--${world}`)).toMatchObject({ value: { world } })
  expect(read('--cluster', '--only', 'kill -9')).toMatchObject({ value: { seeds: 5, only: 'kill -9' } })
})

test('what is not known is refused before anything is hunted', () => {
  for (const args of [
    ['--help'],
    ['--sead', '7'],
    ['open'],
    ['--seed', 'x'],
    ['--seeds'],
    ['--relays', '0'],
    ['--world', 'closed']
  ])
    expect(read(...args), args.join(' ')).toMatchObject({ ok: false })
  expect(read('--moving', '--cluster')).toEqual({ ok: false, error: 'one world at a time, not moving and cluster' })
})
