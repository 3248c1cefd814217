import { useState } from 'react'
import type { Found, LocalPractices, RestoreError, RestoreStep, Words } from '#app/sync/status.ts'
import { t } from '#app/ui/i18n.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { Go, Press } from '#app/ui/parts/Press.tsx'
import { useReadOn } from '#app/ui/parts/readOn.ts'
import { useWorld } from '#app/ui/world.ts'
import { AskElsewhere, type Asked, type Problem } from './AskElsewhere.tsx'
import { BackupButtons } from './Backup.tsx'
import { problemWords } from './phrase-words.ts'

type Stage =
  | { readonly kind: 'asking'; readonly problem: Problem | null }
  | { readonly kind: 'looking' }
  | { readonly kind: 'looked'; readonly words: Words; readonly relay: string; readonly found: Found }
  | { readonly kind: 'taking'; readonly step: RestoreStep }
  | { readonly kind: 'failed'; readonly why: RestoreError }
  | { readonly kind: 'done' }

/** Practices this device holds already: they are never replaced without being asked about. */
const usePracticesHere = (): number =>
  useLive(useWorld().store.journal).years.reduce(
    (sum, year) =>
      sum + (year.kind === 'open' ? year.days.reduce((entries, day) => entries + day.entries.length, 0) : 0),
    0
  )

/** What came of it, where the form was. */
const Outcome = ({ children }: { readonly children: string }) => {
  const here = useReadOn<HTMLParagraphElement>()
  return (
    <p ref={here} tabIndex={-1}>
      {children}
    </p>
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
        <Outcome>{t(`elsewhere.${found.kind}`, { relay })}</Outcome>
        <Press onPress={onBack}>{t('elsewhere.again')}</Press>
      </div>
    )
  if (here === 0)
    return (
      <div className="stack">
        <Outcome>{t('elsewhere.found')}</Outcome>
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
      <Outcome>{t('elsewhere.found-and-here', { count: here })}</Outcome>
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
  // Who tries again finds what they typed.
  const [asked, setAsked] = useState<Asked>({ text: '', relay: null })
  const look = async (text: string, relay: string): Promise<void> => {
    const words = await phrase.parse(text)
    if (!words.ok) return setStage({ kind: 'asking', problem: { at: 'words', told: problemWords(words.error) } })
    setStage({ kind: 'looking' })
    // A year that is not open would seem to hold nothing.
    await store.openAll()
    const found = await restore.look(words.value, relay)
    if (found.kind === 'malformed-address' || found.kind === 'not-allowed-by-page')
      return setStage({ kind: 'asking', problem: { at: 'relay', told: t(`relay.problem.${found.kind}`) } })
    setStage({ kind: 'looked', words: words.value, relay, found })
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
      {stage.kind === 'asking' && (
        <AskElsewhere
          asked={asked}
          onChange={setAsked}
          problem={stage.problem}
          onLook={(text, relay) => void look(text, relay)}
        />
      )}
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
          <Outcome>{t(`elsewhere.failed.${stage.why}`)}</Outcome>
          <Press onPress={again}>{t('elsewhere.again')}</Press>
        </>
      )}
      {stage.kind === 'done' && (
        <>
          <Outcome>{t('elsewhere.done')}</Outcome>
          <Go to={{ name: 'journal', day: null }} className="press press-light">
            {t('elsewhere.to-journal')}
          </Go>
        </>
      )}
    </div>
  )
}
