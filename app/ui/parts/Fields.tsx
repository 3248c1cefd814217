import { type ReactNode, useId } from 'react'
import { Say } from './Say.tsx'

interface ChoiceProps<T extends string> {
  readonly legend: string
  readonly hideLegend?: boolean
  readonly value: T | null
  readonly options: readonly { readonly value: T; readonly label: string }[]
  readonly onChoose: (value: T) => void
}

/** One of several, as native radio buttons: arrow keys and screen readers know them. */
export const Choice = <T extends string>({ legend, hideLegend = false, value, options, onChoose }: ChoiceProps<T>) => {
  const name = useId()
  return (
    <fieldset className="field">
      <legend className={hideLegend ? 'unseen' : 'choice-legend'}>{legend}</legend>
      <div className="choices">
        {options.map((option) => (
          <label className="choice" key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

interface SwitchProps {
  readonly label: string
  readonly hint?: string
  readonly on: boolean
  readonly onChange: (on: boolean) => void
}

export const Switch = ({ label, hint, on, onChange }: SwitchProps) => {
  const hintId = useId()
  return (
    <label className="switch">
      <span>
        {label}
        {hint !== undefined && (
          <span id={hintId} className="soft small switch-hint">
            {hint}
          </span>
        )}
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={on}
        aria-label={label}
        aria-describedby={hint === undefined ? undefined : hintId}
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </label>
  )
}

interface SlideProps {
  readonly label: string
  readonly value: number
  readonly min: number
  readonly max: number
  readonly step: number
  /** The value in words: shown beside the label and spoken. */
  readonly words: string
  readonly onChange: (value: number) => void
}

export const Slide = ({ label, value, min, max, step, words, onChange }: SlideProps) => {
  const id = useId()
  return (
    <div className="slide">
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id} className="soft">
        {words}
      </output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={words}
        onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
    </div>
  )
}

/** For words that are taken as they were typed or pasted: a phrase, an address, a voucher. Spread into the control. */
export const verbatim = { autoComplete: 'off', autoCapitalize: 'none', autoCorrect: 'off', spellCheck: false } as const

interface FieldProps {
  readonly label: string
  readonly hint?: string | undefined
  readonly problem?: string | null
  readonly children: (ids: {
    readonly id: string
    readonly 'aria-describedby': string | undefined
    readonly 'aria-invalid': boolean
  }) => ReactNode
}

/** A label above, a hint and what is wrong below, all tied to the one control inside. */
export const Field = ({ label, hint, problem = null, children }: FieldProps) => {
  const id = useId()
  const described = [hint === undefined ? null : `${id}-hint`, problem === null ? null : `${id}-problem`].filter(
    (part) => part !== null
  )
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="soft small">
          {hint}
        </p>
      )}
      {children({
        id,
        'aria-describedby': described.length > 0 ? described.join(' ') : undefined,
        'aria-invalid': problem !== null
      })}
      {problem !== null && (
        <Say id={`${id}-problem`} className="warn" role="alert">
          {problem}
        </Say>
      )}
    </div>
  )
}
