import { useId } from 'react'
import { t } from '#app/ui/i18n.ts'
import { practisedWords } from '#app/ui/words.ts'

export interface Bar {
  readonly key: string | number
  readonly label: string
  readonly peopleSeconds: number
}

interface BarsProps {
  readonly title: string
  readonly bars: readonly Bar[]
  /** Words under the left and the right end. */
  readonly from: string
  readonly to: string
  /** Head of the table's first column. */
  readonly when: string
}

const STEP = 10
const HEIGHT = 64
/** Where nobody was counted the ground shows: a line, no gap. */
const GROUND = 1
const HOURS_FROM_SECONDS = 10 * 3_600

/** Many people's minutes come to hours. */
const longWords = (seconds: number): string =>
  seconds < HOURS_FROM_SECONDS
    ? practisedWords(seconds * 1_000)
    : t('field.hours', { count: Math.round(seconds / 3_600) })

/** Time that people practised, in equal steps; the same in words and as a table. */
export const Bars = ({ title, bars, from, to, when }: BarsProps) => {
  const id = useId()
  const most = Math.max(1, ...bars.map((bar) => bar.peopleSeconds))
  const sum = bars.reduce((total, bar) => total + bar.peopleSeconds, 0)
  const height = (seconds: number): number => GROUND + (seconds / most) * (HEIGHT - GROUND)
  return (
    <section className="stack stack-close bars" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p className="soft">{sum === 0 ? t('field.nobody-then') : t('field.together', { time: longWords(sum) })}</p>
      {sum > 0 && (
        <>
          <svg viewBox={`0 0 ${bars.length * STEP} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
            {bars.map((bar, i) => (
              <rect
                key={bar.key}
                className={bar.peopleSeconds > 0 ? 'column' : 'column column-ground'}
                x={i * STEP + 1.5}
                y={HEIGHT - height(bar.peopleSeconds)}
                width={STEP - 3}
                height={height(bar.peopleSeconds)}
                rx={1.5}
              />
            ))}
          </svg>
          <p className="bars-ends soft small" aria-hidden="true">
            <span>{from}</span>
            <span>{to}</span>
          </p>
          <details className="more">
            <summary>{t('field.as-table')}</summary>
            <table className="small">
              <thead>
                <tr>
                  <th scope="col">{when}</th>
                  <th scope="col">{t('field.practised')}</th>
                </tr>
              </thead>
              <tbody>
                {bars
                  .filter((bar) => bar.peopleSeconds > 0)
                  .map((bar) => (
                    <tr key={bar.key}>
                      <th scope="row">{bar.label}</th>
                      <td className="number">{practisedWords(bar.peopleSeconds * 1_000)}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </details>
        </>
      )}
    </section>
  )
}
