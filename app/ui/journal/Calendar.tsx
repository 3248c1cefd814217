import { useState } from 'react'
import type { Journal } from '#app/domain/journal/entry.ts'
import { t } from '#app/ui/i18n.ts'
import { Go } from '#app/ui/parts/Press.tsx'
import { dayWords, monthWords, weekdayWords } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import type { CivilDay } from '#core/time.ts'
import { type CalendarDay, monthBy, monthWeeks } from './view.ts'

const DayCell = ({
  cell,
  today,
  chosen
}: {
  readonly cell: CalendarDay
  readonly today: CivilDay
  readonly chosen: string | null
}) =>
  cell.glow === 0 ? (
    <span className={cell.day === today ? 'cell cell-today' : 'cell'}>{cell.date}</span>
  ) : (
    <Go
      to={{ name: 'journal', day: cell.day }}
      className={`cell cell-glow-${cell.glow}${cell.day === today ? ' cell-today' : ''}`}
      label={dayWords(cell.day, today)}
      current={cell.day === chosen}
    >
      {cell.date}
    </Go>
  )

/** A month of small lights: where there was something, it glows and opens. An empty day is only a number. */
export const Calendar = ({
  journal,
  today,
  chosen
}: {
  readonly journal: Journal
  readonly today: CivilDay
  readonly chosen: string | null
}) => {
  const { store } = useWorld()
  const [month, setMonth] = useState((chosen ?? today).slice(0, 7))
  const turn = (step: number): void => {
    const next = monthBy(month, step)
    setMonth(next)
    const year = Number(next.slice(0, 4))
    if (journal.years.some((each) => each.year === year && each.kind === 'closed')) void store.openYear(year)
  }
  const long = weekdayWords('long')
  return (
    <div className="calendar">
      <div className="calendar-head">
        <button
          type="button"
          className="press calendar-turn"
          aria-label={t('calendar.before')}
          onClick={() => turn(-1)}
        >
          <span className="arrow" aria-hidden="true" />
        </button>
        <h2 aria-live="polite">{monthWords(month)}</h2>
        <button
          type="button"
          className="press calendar-turn"
          aria-label={t('calendar.after')}
          disabled={month >= today.slice(0, 7)}
          onClick={() => turn(1)}
        >
          <span className="arrow arrow-on" aria-hidden="true" />
        </button>
      </div>
      <table>
        <thead>
          <tr>
            {weekdayWords('narrow').map((name, index) => (
              <th key={long[index]} scope="col" abbr={long[index]} className="soft small">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {monthWeeks(journal, month).map((week, index) => (
            <tr key={week.find((cell) => cell !== null)?.day ?? index}>
              {week.map((cell, at) => (
                <td key={cell?.day ?? `pad-${at}`}>
                  {cell !== null && <DayCell cell={cell} today={today} chosen={chosen} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
