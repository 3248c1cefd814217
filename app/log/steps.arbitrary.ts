import fc from 'fast-check'
import * as Y from 'yjs'

/** What two tabs, another device and the network do to one document; each names the tab, and a number to choose by. */
const KINDS = [
  'type',
  'type',
  'delete',
  'catch-up',
  'look-at-rows',
  'fold-confirmed',
  'fold-unsealed',
  'look-at-outbox',
  'seal',
  'push',
  'acknowledge',
  'look-at-relay',
  'receive',
  'remote-edit',
  'reload'
] as const

export interface Step {
  readonly kind: (typeof KINDS)[number]
  readonly tab: 0 | 1
  readonly at: number
}

export const steps = (length: { readonly minLength: number; readonly maxLength: number }): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      tab: fc.constantFrom(0 as const, 1 as const),
      at: fc.nat(1_000)
    }),
    { ...length, size: 'max' }
  )

export const textOf = (updates: readonly Uint8Array[]): string => {
  const y = new Y.Doc()
  for (const update of updates) Y.applyUpdate(y, update)
  return y.getText('note').toString()
}
