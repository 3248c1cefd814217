import { t } from '#app/ui/i18n.ts'
import type { PhraseProblem } from '#app/ui/ports.ts'

export const problemWords = (problem: PhraseProblem): string => {
  switch (problem.kind) {
    case 'wrong-count':
      return t('elsewhere.wrong-count', { count: problem.count })
    case 'unknown-word':
      return t('elsewhere.unknown-word', { place: problem.index + 1, word: problem.word, nearest: problem.nearest })
    case 'do-not-belong-together':
      return t('elsewhere.not-together')
  }
}
