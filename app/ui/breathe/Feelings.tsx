import { useId } from 'react'
import type { Feeling } from '#app/domain/practice/record.ts'
import { t } from '#app/ui/i18n.ts'

const feelings: readonly Feeling[] = [1, 2, 3, 4, 5]

interface FeelingsProps {
  readonly legend: string
  readonly value: Feeling | null
  readonly onChoose: (feeling: Feeling) => void
}

/** Five lights from scattered to settled. One tap; the words at both ends and under each light say what it means. */
export const Feelings = ({ legend, value, onChoose }: FeelingsProps) => {
  const name = useId()
  return (
    <fieldset className="feelings">
      <legend>
        {legend}
        {value !== null && <span className="soft"> · {t(`feeling.${value}`)}</span>}
      </legend>
      <div className="feelings-row">
        {feelings.map((feeling) => (
          <label key={feeling} className={`feeling feeling-${feeling}`}>
            <input type="radio" name={name} checked={feeling === value} onChange={() => onChoose(feeling)} />
            <span className="feeling-light" aria-hidden="true" />
            <span className="feeling-word">{t(`feeling.${feeling}`)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
