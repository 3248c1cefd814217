import { useState } from 'react'
import type { Found, LocalPractices, RestoreError, RestoreStep, Words } from '#app/sync/status.ts'
import { t } from '#app/ui/i18n.ts'
import { Field, verbatim } from '#app/ui/parts/Fields.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { Go, Press } from '#app/ui/parts/Press.tsx'
import type { PhraseProblem } from '#app/ui/ports.ts'
import { useWorld } from '#app/ui/world.ts'
import { BackupButtons } from './Backup.tsx'

type Stage =
  | { readonly kind: 'asking'; readonly problem: string | null }
  | { readonly kind: 'looking' }
  | { readonly kind: 'looked'; readonly words: Words; readonly relay: string; readonly found: Found }
  | { readonly kind: 'taking'; readonly step: RestoreStep }
  | { readonly kind: 'failed'; readonly why: RestoreError }
  | { readonly kind: 'done' }

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

/** Practices this device holds already: they are never replaced without being asked about. */
const usePracticesHere = (): number =>
  useLive(useWorld().store.journal).years.reduce(
    (sum, year) =>
      sum + (year.kind === 'open' ? year.days.reduce((entries, day) => entries + day.entries.length, 0) : 0),
    0
  )

interface AskingProps {
  readonly problem: string | null
  readonly onLook: (text: string, relay: string) => void
}

const Asking = ({ problem, onLook }: AskingProps) => {
  const { relay: known } = useLive(useWorld().sync)
  const [text, setText] = useState('')
  const [typed, setTyped] = useState<string | null>(null)
  // Most people keep both devices at the relay that serves them the app.
  const relay = typed ?? known ?? location.host
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        onLook(text, relay.trim())
      }}
    >
      <p>{t('elsewhere.ask')}</p>
      <Field label={t('elsewhere.phrase')} problem={problem}>
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
      <Field label={t('relay.address')} hint={t('elsewhere.relay-hint')}>
        {(ids) => (
          <input
            {...ids}
            type="text"
            inputMode="url"
            {...verbatim}
            value={relay}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </Field>
      <button type="submit" className="press press-light" disabled={text.trim() === '' || relay.trim() === ''}>
        {t('elsewhere.look')}
      </button>
    </form>
  )
}

interface LookedProps {
  readonly found: Found
  readonly relay: string
  readonly onTake: (local: LocalPractices) => void
  readonly onBack: () => void
}

const Looked = ({ found, relay, onTake, onBack }: LookedProps) => {
  const here = usePracticesHere()
  if (found.kind !== 'found')
    return (
      <div className="stack">
        <p role="alert">{t(`elsewhere.${found.kind}`, { relay })}</p>
        <Press onPress={onBack}>{t('elsewhere.again')}</Press>
      </div>
    )
  if (here === 0)
    return (
      <div className="stack">
        <p>{t('elsewhere.found')}</p>
        <Press weight="light" onPress={() => onTake('bring')}>
          {t('elsewhere.take')}
        </Press>
      </div>
    )
  return <BringOrDiscard here={here} onTake={onTake} />
}

/** Nothing is replaced silently: bring along is the default, discarding waits for a backup file. */
const BringOrDiscard = ({
  here,
  onTake
}: {
  readonly here: number
  readonly onTake: (local: LocalPractices) => void
}) => {
  const [saved, setSaved] = useState(false)
  return (
    <div className="stack">
      <p>{t('elsewhere.found-and-here', { count: here })}</p>
      <Press weight="light" onPress={() => onTake('bring')}>
        {t('elsewhere.bring', { count: here })}
      </Press>
      <details className="discard">
        <summary>{t('elsewhere.discard-instead')}</summary>
        <div className="stack stack-close">
          <p>{t('elsewhere.discard-told', { count: here })}</p>
          <p className="soft">{t('elsewhere.discard-file')}</p>
          <BackupButtons onSaved={() => setSaved(true)} />
          <Press weight="careful" disabled={!saved} onPress={() => onTake('discard')}>
            {t('elsewhere.discard')}
          </Press>
        </div>
      </details>
    </div>
  )
}

/** From a phrase to the journal it keeps, step by step; each step says where it stands. */
export const Elsewhere = () => {
  const { phrase, restore, store } = useWorld()
  const unfinished = useLive(restore.unfinished)
  const [stage, setStage] = useState<Stage>({ kind: 'asking', problem: null })
  const look = async (text: string, relay: string): Promise<void> => {
    const words = await phrase.parse(text)
    if (!words.ok) return setStage({ kind: 'asking', problem: problemWords(words.error) })
    setStage({ kind: 'looking' })
    // A year that is not open would seem to hold nothing.
    await store.openAll()
    setStage({ kind: 'looked', words: words.value, relay, found: await restore.look(words.value, relay) })
  }
  const take = async (words: Words, relay: string, local: LocalPractices): Promise<void> => {
    setStage({ kind: 'taking', step: 'reading' })
    const taken = await restore.adopt(words, relay, local, (step) => setStage({ kind: 'taking', step }))
    setStage(taken.ok ? { kind: 'done' } : { kind: 'failed', why: taken.error })
  }
  const again = (): void => setStage({ kind: 'asking', problem: null })
  return (
    <div className="stack" aria-live="polite">
      {unfinished !== null && stage.kind !== 'taking' && (
        <p className="note">{t('elsewhere.unfinished', { step: t(`elsewhere.step.${unfinished}`) })}</p>
      )}
      {stage.kind === 'asking' && <Asking problem={stage.problem} onLook={(text, relay) => void look(text, relay)} />}
      {stage.kind === 'looking' && <p>{t('elsewhere.looking')}</p>}
      {stage.kind === 'looked' && (
        <Looked
          found={stage.found}
          relay={stage.relay}
          onTake={(local) => void take(stage.words, stage.relay, local)}
          onBack={again}
        />
      )}
      {stage.kind === 'taking' && <p>{t(`elsewhere.step.${stage.step}`)}</p>}
      {stage.kind === 'failed' && (
        <>
          <p role="alert">{t(`elsewhere.failed.${stage.why}`)}</p>
          <Press onPress={again}>{t('elsewhere.again')}</Press>
        </>
      )}
      {stage.kind === 'done' && (
        <>
          <p>{t('elsewhere.done')}</p>
          <Go to={{ name: 'journal', day: null }} className="press press-light">
            {t('elsewhere.to-journal')}
          </Go>
        </>
      )}
    </div>
  )
}
