import { useEffect, useRef } from 'react'
import type { Pattern } from '#app/domain/breath/pattern.ts'
import { t } from '#app/ui/i18n.ts'
import { Choice, Slide } from '#app/ui/parts/Fields.tsx'
import { Page } from '#app/ui/parts/Page.tsx'
import { Go, Press } from '#app/ui/parts/Press.tsx'
import { breathFigure, patternName, planWords } from '#app/ui/words.ts'
import type { SessionPlan } from '#core/breath.ts'
import { useChoice } from './choice.ts'
import { PatternShape } from './PatternShape.tsx'
import './breathe.css'

interface RowProps {
  readonly pattern: Pattern
  readonly chosen: boolean
  readonly onChoose: () => void
}

const PatternRow = ({ pattern, chosen, onChoose }: RowProps) => (
  <div className="pattern-row">
    <label className="pattern">
      <input type="radio" name="pattern" value={pattern.id} checked={chosen} onChange={onChoose} />
      <PatternShape breath={pattern.breath} />
      <span className="pattern-name">{patternName(pattern)}</span>
      <span className="soft small">{breathFigure(pattern.breath)}</span>
    </label>
    {pattern.origin === 'own' && (
      <Go
        to={{ name: 'pattern', id: pattern.id }}
        className="press press-quiet small"
        label={t('own.change-named', { name: pattern.name })}
      >
        {t('own.change')}
      </Go>
    )}
  </div>
)

const amounts = { minutes: { min: 1, max: 60, first: 5 }, cycles: { min: 3, max: 100, first: 20 } } as const

const amountOf = (plan: SessionPlan): number =>
  plan.kind === 'minutes' ? plan.minutes : plan.kind === 'cycles' ? plan.cycles : 0

const planWith = (kind: SessionPlan['kind'], amount: number): SessionPlan => {
  if (kind === 'minutes') return { kind, minutes: amount }
  return kind === 'cycles' ? { kind, cycles: amount } : { kind: 'open' }
}

const Length = ({ plan, onChange }: { readonly plan: SessionPlan; readonly onChange: (plan: SessionPlan) => void }) => (
  <div className="stack stack-close">
    <Choice
      legend={t('plan.legend')}
      value={plan.kind}
      options={[
        { value: 'minutes', label: t('plan.kind.minutes') },
        { value: 'cycles', label: t('plan.kind.cycles') },
        { value: 'open', label: t('plan.kind.open') }
      ]}
      onChoose={(kind) => onChange(planWith(kind, kind === 'open' ? 0 : amounts[kind].first))}
    />
    {plan.kind !== 'open' && (
      <Slide
        label={t(`plan.how-many.${plan.kind}`)}
        value={amountOf(plan)}
        min={amounts[plan.kind].min}
        max={amounts[plan.kind].max}
        step={1}
        words={planWords(plan)}
        onChange={(amount) => onChange(planWith(plan.kind, amount))}
      />
    )}
  </div>
)

/** Which breath, and for how long. */
export const PatternList = () => {
  const { patterns, pattern, plan, choosePattern, choosePlan } = useChoice()
  return (
    <div className="stack patterns">
      <Length plan={plan} onChange={choosePlan} />
      <fieldset className="pattern-list">
        <legend className="choice-legend">{t('breathe.patterns')}</legend>
        {patterns.map((each) => (
          <PatternRow
            key={each.id}
            pattern={each}
            chosen={each.id === pattern.id}
            onChoose={() => choosePattern(each.id)}
          />
        ))}
      </fieldset>
      <Go to={{ name: 'pattern', id: null }} className="press press-plain">
        {t('own.new')}
      </Go>
    </div>
  )
}

/** Own breaths stand at the end of the list. A chosen one is brought into view: it may just have been made. */
const useOwnInView = (own: boolean) => {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const chosen = own ? list.current?.querySelector('.pattern:has(:checked)') : null
    if (chosen && chosen.getBoundingClientRect().bottom > 0.75 * innerHeight) chosen.scrollIntoView({ block: 'center' })
  }, [own])
  return list
}

export const Patterns = () => {
  const { begin, pattern } = useChoice()
  const list = useOwnInView(pattern.origin === 'own')
  return (
    <Page title={t('breathe.another')} back>
      <div ref={list}>
        <PatternList />
      </div>
      <div className="page-deed">
        <Press weight="light" onPress={begin}>
          {t('breathe.begin')}
        </Press>
      </div>
    </Page>
  )
}
