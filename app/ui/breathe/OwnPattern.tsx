import { useState } from 'react'
import { MAX_NAME_LENGTH, parseOwnPattern } from '#app/domain/breath/parse.ts'
import type { Pattern, PatternId } from '#app/domain/breath/pattern.ts'
import { t } from '#app/ui/i18n.ts'
import { Field, Slide } from '#app/ui/parts/Fields.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { useTellOutcome } from '#app/ui/parts/outcome.ts'
import { Page } from '#app/ui/parts/Page.tsx'
import { Press } from '#app/ui/parts/Press.tsx'
import { useRouter } from '#app/ui/router.ts'
import { useWorld } from '#app/ui/world.ts'
import type { PacedBreath, PhaseSeconds } from '#core/breath.ts'
import { PatternShape } from './PatternShape.tsx'

const CALM: PhaseSeconds = { in: 4, sip: 0, hold: 0, out: 6, rest: 0 }
const phases = ['in', 'sip', 'hold', 'out', 'rest'] as const
/** What a slider reaches; a pattern that came from elsewhere may hold longer phases and keeps them. */
const MOST_SECONDS = 20

const breathOf = (pattern: Pattern | undefined): PacedBreath =>
  pattern?.breath.kind === 'paced' ? pattern.breath : { kind: 'paced', seconds: CALM, ramp: null }

/** A breath of the person's own: a name and four phases, with the double inhale. */
const Edit = ({ pattern }: { readonly pattern: Pattern | undefined }) => {
  const { store, newId } = useWorld()
  const router = useRouter()
  const tellOutcome = useTellOutcome()
  const [name, setName] = useState(pattern?.name ?? '')
  const [breath, setBreath] = useState(() => breathOf(pattern))
  const [problem, setProblem] = useState<string | null>(null)
  const keep = async (): Promise<void> => {
    if (name.trim() === '') return setProblem(t('own.nameless'))
    const id = pattern?.id ?? (newId() as string as PatternId)
    const plan = pattern?.plan ?? { kind: 'minutes', minutes: 5 }
    const parsed = parseOwnPattern(id, { name: name.trim(), breath, plan })
    if (!parsed.ok) return setProblem(t('own.out-of-range'))
    tellOutcome(await store.dispatch({ kind: 'save-pattern', pattern: parsed.value }), null)
    void store.dispatch({ kind: 'change-settings', change: { lastPattern: id } })
    router.back()
  }
  const remove = async (id: PatternId): Promise<void> => {
    router.back()
    tellOutcome(await store.dispatch({ kind: 'delete-pattern', id }), t('own.deleted'))
  }
  return (
    <Page title={t('own.title')} back>
      <Field label={t('own.name')} problem={problem}>
        {(ids) => (
          <input
            {...ids}
            type="text"
            maxLength={MAX_NAME_LENGTH}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <div className="own-shape">
        <PatternShape breath={breath} />
      </div>
      {phases.map((phase) => (
        <Slide
          key={phase}
          label={t(`own.seconds.${phase}`)}
          value={breath.seconds[phase]}
          min={phase === 'in' || phase === 'out' ? 0.5 : 0}
          max={Math.max(MOST_SECONDS, breath.seconds[phase])}
          step={0.5}
          words={breath.seconds[phase] === 0 ? t('own.none') : t('own.length', { count: breath.seconds[phase] })}
          onChange={(seconds) => setBreath({ ...breath, seconds: { ...breath.seconds, [phase]: seconds } })}
        />
      ))}
      <div className="row row-apart">
        <Press weight="light" onPress={() => void keep()}>
          {t('own.keep')}
        </Press>
        {pattern !== undefined && (
          <Press weight="careful" onPress={() => void remove(pattern.id)}>
            {t('own.delete')}
          </Press>
        )}
      </div>
    </Page>
  )
}

export const OwnPattern = ({ id }: { readonly id: string | null }) => {
  const { store } = useWorld()
  const pattern = useLive(store.patterns).find((each) => each.id === id && each.origin === 'own')
  return <Edit key={pattern?.id ?? 'new'} pattern={pattern} />
}
