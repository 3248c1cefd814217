import { useState } from 'react'
import type { SyncFacts, SyncStatus } from '#app/sync/status.ts'
import { t } from '#app/ui/i18n.ts'
import { Field, verbatim } from '#app/ui/parts/Fields.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { Say } from '#app/ui/parts/Say.tsx'
import { useWorld } from '#app/ui/world.ts'
import { type Given, voucherAnswer } from './voucher-answer.ts'

const statusAt = ({ relays, status }: SyncFacts, relay: string): SyncStatus =>
  relays.find((each) => each.relay === relay)?.status ?? status

/** Shown where the relay asks who may begin: the host gives the word out, the person pastes it here. */
export const Voucher = ({ relay }: { readonly relay: string }) => {
  const { sync } = useWorld()
  const status = statusAt(useLive(sync), relay)
  const [word, setWord] = useState('')
  const [given, setGiven] = useState<Given | null>(null)
  const give = async (): Promise<void> => {
    // Noted before it is sent: the answer may be here before this goes on.
    const before = statusAt(sync.get(), relay)
    setGiven({ kind: 'sent', before })
    const outcome = await sync.giveVoucher(word, relay)
    if (!outcome.ok) setGiven({ kind: 'not-sent', why: outcome.error })
  }
  const answer = voucherAnswer(given, status)
  return (
    <form
      className="stack stack-close"
      onSubmit={(event) => {
        event.preventDefault()
        void give()
      }}
    >
      <Field
        label={t('voucher.word')}
        hint={t('voucher.hint')}
        problem={answer === null || answer === 'asking' ? null : t(`voucher.problem.${answer}`)}
      >
        {(ids) => (
          <input
            {...ids}
            type="text"
            {...verbatim}
            value={word}
            onChange={(event) => {
              setWord(event.currentTarget.value)
              setGiven(null)
            }}
          />
        )}
      </Field>
      <button type="submit" className="press press-light" disabled={word.trim() === '' || answer === 'asking'}>
        {t('voucher.give')}
      </button>
      <Say role="status" className="soft">
        {answer === 'asking' ? t('voucher.asking') : null}
      </Say>
    </form>
  )
}
