import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BUILT_IN_PATTERNS, SIT } from '#app/domain/breath/built-in.ts'
import { settingsSections } from './places.ts'

const ui = import.meta.dirname
const catalogue = (locale: string): ReadonlyMap<string, string> => {
  const text = readFileSync(join(ui, `../locales/${locale}.po`), 'utf8')
  const pairs = [...text.matchAll(/^msgid "(.+)"\nmsgstr "(.*)"$/gm)]
  return new Map(pairs.map(([, id, words]) => [id as string, (words as string).replaceAll('\\"', '"')]))
}
const english = catalogue('en')
const german = catalogue('de')

const sources = readdirSync(ui, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.'))
  .map((file) => readFileSync(join(ui, file), 'utf8'))
  .join('\n')

/** `t('a.b')`, `t(x ? 'a.b' : 'a.c')`, `msg('a.b')`, and tables of ids. */
const literals = new Set([...sources.matchAll(/'([a-z][a-z-]*(?:\.[a-zA-Z0-9.-]+)+)'/g)].map(([, id]) => id as string))
/** `t(`a.${x}`)`: the part before the first value. */
const prefixes = [...sources.matchAll(/t\(\s*`([a-z][a-z.-]*\.)\$\{/g)].map(([, prefix]) => prefix as string)

const isId = (text: string): boolean => !/\.(tsx?|css|po|js)$/.test(text)
const called = new Set([...sources.matchAll(/\b(?:t|msg)\(\s*'([^']+)'/g)].map(([, id]) => id as string))

/** ICU arguments of a message, without what plural forms repeat. */
const argumentsOf = (words: string): readonly string[] =>
  [...new Set([...words.matchAll(/\{(\w+)\s*[,}]/g)].map(([, name]) => name as string))].sort()

test('every id that a screen calls for has English words', () => {
  expect([...called].filter((id) => !english.has(id))).toEqual([])
  expect(called.size).toBeGreaterThan(100)
})

test('every id that a screen puts together has words to choose from', () => {
  expect(prefixes.length).toBeGreaterThan(10)
  for (const prefix of prefixes)
    expect(
      [...english.keys()].filter((id) => id.startsWith(prefix)),
      prefix
    ).not.toEqual([])
})

test('no words are left that nobody says', () => {
  const said = (id: string): boolean => literals.has(id) || prefixes.some((prefix) => id.startsWith(prefix))
  expect([...english.keys()].filter((id) => isId(id) && !said(id))).toEqual([])
})

describe('German', () => {
  test('has exactly the English ids', () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort())
  })
  test('leaves no message empty', () => {
    expect([...german].filter(([, words]) => words.trim() === '').map(([id]) => id)).toEqual([])
  })
  test('uses the same values in each message', () => {
    for (const [id, words] of english) expect(argumentsOf(german.get(id) ?? ''), id).toEqual(argumentsOf(words))
  })
  test('is not English', () => {
    const same = [...english].filter(([id, words]) => german.get(id) === words && words.split(' ').length > 2)
    expect(same).toEqual([])
  })
})

test('what is named by data has a name: patterns, phases, settings', () => {
  const ids = [
    ...[...BUILT_IN_PATTERNS, SIT].map(({ id }) => `pattern.${id}`),
    ...['in', 'sip', 'hold', 'out', 'rest'].flatMap((kind) => [`phase.${kind}`, `figure.${kind}`]),
    ...settingsSections.map((section) => `settings.${section}`)
  ]
  expect(ids.filter((id) => !english.has(id))).toEqual([])
})
