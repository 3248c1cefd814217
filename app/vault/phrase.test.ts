import { wordlist } from '@scure/bip39/wordlists/english.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance } from './edit-distance.ts'
import { entropyToPhrase, parsePhrase, phraseToEntropy } from './phrase.ts'

const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow'.split(' ')

test('[KY3] words come in any case, with numbering, commas, bullets and line breaks', () => {
  const written = [
    WORDS.join(' '),
    WORDS.join('\n').toUpperCase(),
    WORDS.map((word, i) => `${i + 1}. ${word}`).join('\r\n'),
    WORDS.map((word, i) => `${i + 1}) ${word},`).join('\t'),
    `  • ${WORDS.join('; • ')}.  `,
    WORDS.map((word, i) => `${i + 1}${word}`).join('\u00a0')
  ]
  for (const text of written) expect(parsePhrase(text)).toEqual({ ok: true, value: WORDS })
})

test('[KY3] a word off the list is named with its nearest', () => {
  const mistyped = (at: number, word: string) => parsePhrase(WORDS.with(at, word).join(' '))
  expect(mistyped(1, 'winnr')).toEqual({
    ok: false,
    error: { kind: 'unknown-word', index: 1, word: 'winnr', nearest: 'winner' }
  })
  expect(mistyped(5, 'suasage')).toMatchObject({ error: { index: 5, nearest: 'sausage' } })
  expect(mistyped(11, 'yellow1')).toMatchObject({ ok: true })
  expect(mistyped(0, 'légal')).toMatchObject({ error: { kind: 'unknown-word', nearest: 'legal' } })
})

test('[KY3] a wrong count and a wrong checksum are told apart', () => {
  expect(parsePhrase('')).toEqual({ ok: false, error: { kind: 'wrong-count', count: 0 } })
  expect(parsePhrase(WORDS.slice(1).join(' '))).toEqual({ ok: false, error: { kind: 'wrong-count', count: 11 } })
  expect(parsePhrase('abandon '.repeat(12))).toEqual({ ok: false, error: { kind: 'do-not-belong-together' } })
})

test('[KY1] any 16 bytes become 12 words and come back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (entropy) => {
      const words = entropyToPhrase(entropy)
      expect(words).toHaveLength(12)
      expect(parsePhrase(words.join(' '))).toEqual({ ok: true, value: words })
      expect(phraseToEntropy(words)).toEqual(entropy)
    })
  )
})

test('one slip of the finger is one edit', () => {
  fc.assert(
    fc.property(fc.constantFrom(...wordlist), fc.nat(), fc.constantFrom('x', 'e'), (word, seed, letter) => {
      const at = seed % (word.length - 1)
      const slips = [
        word.slice(0, at) + word.slice(at + 1),
        word.slice(0, at) + letter + word.slice(at),
        word.slice(0, at) + letter + word.slice(at + 1),
        word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2)
      ]
      for (const slip of slips) {
        expect(editDistance(slip, word)).toBe(slip === word ? 0 : 1)
        expect(editDistance(word, slip)).toBe(editDistance(slip, word))
      }
    })
  )
  expect(editDistance('kitten', 'sitting')).toBe(3)
  expect(editDistance('', 'abc')).toBe(3)
})
