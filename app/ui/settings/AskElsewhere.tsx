import { useEffect, useRef } from 'react'
import { t } from '#app/ui/i18n.ts'
import { Field, verbatim } from '#app/ui/parts/Fields.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { useWorld } from '#app/ui/world.ts'

export interface Asked {
  readonly text: string
  /** null: as it is proposed. */
  readonly relay: string | null
}

export interface Problem {
  readonly at: 'words' | 'relay'
  readonly told: string
}

interface AskElsewhereProps {
  readonly asked: Asked
  readonly onChange: (asked: Asked) => void
  readonly problem: Problem | null
  readonly onLook: (text: string, relay: string) => void
}

/** The words, and where to look under them. What is wrong stands at its field, and the focus is there. */
export const AskElsewhere = ({ asked, onChange, problem, onLook }: AskElsewhereProps) => {
  const { relay: known } = useLive(useWorld().sync)
  // Most people keep both devices at the relay that serves them the app.
  const relay = asked.relay ?? known ?? location.host
  const words = useRef<HTMLTextAreaElement>(null)
  const address = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (problem !== null) (problem.at === 'words' ? words : address).current?.focus()
  }, [problem])
  const told = (at: Problem['at']): string | null => (problem?.at === at ? problem.told : null)
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        onLook(asked.text, relay.trim())
      }}
    >
      <p>{t('elsewhere.ask')}</p>
      <Field label={t('elsewhere.phrase')} problem={told('words')}>
        {(ids) => (
          <textarea
            {...ids}
            ref={words}
            rows={3}
            {...verbatim}
            value={asked.text}
            onChange={(event) => onChange({ ...asked, text: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t('relay.address')} hint={t('elsewhere.relay-hint')} problem={told('relay')}>
        {(ids) => (
          <input
            {...ids}
            ref={address}
            type="text"
            inputMode="url"
            dir="ltr"
            {...verbatim}
            value={relay}
            onChange={(event) => onChange({ ...asked, relay: event.currentTarget.value })}
          />
        )}
      </Field>
      <button type="submit" className="press press-light" disabled={asked.text.trim() === '' || relay.trim() === ''}>
        {t('elsewhere.look')}
      </button>
    </form>
  )
}
