import { useState } from 'react'
import type { Words } from '#app/sync/status.ts'
import { t } from '#app/ui/i18n.ts'
import { Field, verbatim } from '#app/ui/parts/Fields.tsx'
import { useWorld } from '#app/ui/world.ts'
import { problemWords } from './phrase-words.ts'

/** For a backup file that was sealed under a phrase this device does not have, or has given up. */
export const OtherWords = ({ onWords }: { readonly onWords: (words: Words) => void }) => {
  const { phrase } = useWorld()
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const give = async (): Promise<void> => {
    const words = await phrase.parse(text)
    setProblem(words.ok ? null : problemWords(words.error))
    if (words.ok) onWords(words.value)
  }
  return (
    <form
      className="stack stack-close"
      onSubmit={(event) => {
        event.preventDefault()
        void give()
      }}
    >
      <Field label={t('backup.words')} hint={t('backup.words-hint')} problem={problem}>
        {(ids) => (
          <textarea
            {...ids}
            rows={3}
            {...verbatim}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      <button type="submit" className="press press-plain" disabled={text.trim() === ''}>
        {t('backup.words-open')}
      </button>
    </form>
  )
}
