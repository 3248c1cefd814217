import { expect, test } from 'vitest'
import { gapToText, rulesIn, specGaps, testsIn } from './spec-ids.ts'

const spec = '# A\n- **[AB1]** One.\n- **[AB2]** Two, see [AB1].\nText about [AB9].\n'

test('rules are the list items that begin with a bold id', () => {
  expect(rulesIn('s.md', spec)).toEqual([
    { id: 'AB1', at: 's.md:2' },
    { id: 'AB2', at: 's.md:3' }
  ])
})

test('a title may cite several rules; ids in the middle of a text are no title', () => {
  const q = "'"
  const text = [`test(${q}[AB1] [AB2] it holds${q}, f)`, `const x = ${q}see [AB7]${q}`].join('\n')
  expect(testsIn('t.ts', text)).toEqual([
    { id: 'AB1', at: 't.ts:1' },
    { id: 'AB2', at: 't.ts:1' }
  ])
})

test('gaps are found both ways and name the place', () => {
  const gaps = specGaps(rulesIn('s.md', spec), [
    { id: 'AB1', at: 't.ts:1' },
    { id: 'AB7', at: 't.ts:2' }
  ])
  expect(gaps.map(gapToText)).toEqual([
    '[AB2] has no test titled by it   s.md:3',
    '[AB7] is cited but is no rule   t.ts:2'
  ])
})

test('an id given to two rules is a gap', () => {
  const rules = rulesIn('s.md', '- **[AB1]** One.\n- **[AB1]** Again.')
  expect(specGaps(rules, [{ id: 'AB1', at: 't.ts:1' }]).map((gap) => gap.kind)).toEqual(['rule-twice'])
})
