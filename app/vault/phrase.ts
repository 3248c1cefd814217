import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { err, ok, type Result } from '#core/result.ts'
import { editDistance } from './edit-distance.ts'
import type { PhraseProblem } from './ports.ts'

export const PHRASE_WORDS = 12
export const ENTROPY_BYTES = 16

const known: ReadonlySet<string> = new Set(wordlist)

/** The first in list order among the words that need the fewest edits. */
const nearestWord = (word: string): string => {
  let best = { word: wordlist[0] ?? '', distance: Number.POSITIVE_INFINITY }
  for (const candidate of wordlist) {
    const distance = editDistance(word, candidate)
    if (distance < best.distance) best = { word: candidate, distance }
  }
  return best.word
}

/** Runs of letters are words; numbering, commas, bullets and line breaks are whatever the paper or the other app put between them. */
const wordsIn = (text: string): readonly string[] =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .match(/\p{L}[\p{L}\p{M}]*/gu) ?? []

export const parsePhrase = (text: string): Result<readonly string[], PhraseProblem> => {
  const words = wordsIn(text)
  if (words.length !== PHRASE_WORDS) return err({ kind: 'wrong-count', count: words.length })
  const index = words.findIndex((word) => !known.has(word))
  const word = words[index]
  if (word !== undefined) return err({ kind: 'unknown-word', index, word, nearest: nearestWord(word) })
  try {
    mnemonicToEntropy(words.join(' '), wordlist)
    return ok(words)
  } catch {
    return err({ kind: 'do-not-belong-together' })
  }
}

/** Throws on words that parsePhrase did not pass. @returns P, 16 bytes */
export const phraseToEntropy = (words: readonly string[]): Uint8Array => {
  const entropy = mnemonicToEntropy(words.join(' '), wordlist)
  if (entropy.byteLength !== ENTROPY_BYTES) throw new Error('a phrase has 12 words')
  return entropy
}

export const entropyToPhrase = (entropy: Uint8Array): readonly string[] =>
  entropyToMnemonic(entropy, wordlist).split(' ')
