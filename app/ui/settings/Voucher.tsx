import { useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { Field, verbatim } from '#app/ui/parts/Fields.tsx'
import { useWorld } from '#app/ui/world.ts'

/** Shown where the relay asks who may begin: the host gives the word out, the person pastes it here. */
export const Voucher = () => {
  const { sync } = useWorld()
  const [word, setWord] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const give = async (): Promise<void> => {
    const given = await sync.giveVoucher(word)
    setProblem(given.ok ? null : t(`voucher.problem.${given.error}`))
  }
  return (
    <form
      className="stack stack-close"
      onSubmit={(event) => {
        event.preventDefault()
        void give()
      }}
    >
      <Field label={t('voucher.word')} hint={t('voucher.hint')} problem={problem}>
        {(ids) => (
          <input
            {...ids}
            type="text"
            {...verbatim}
            value={word}
            onChange={(event) => setWord(event.currentTarget.value)}
          />
        )}
      </Field>
      <button type="submit" className="press press-light" disabled={word.trim() === ''}>
        {t('voucher.give')}
      </button>
    </form>
  )
}
