import { useEffect, useState } from 'react'
import type { JournalDay, JournalYear, Journal as WholeJournal } from '#app/domain/journal/entry.ts'
import { t } from '#app/ui/i18n.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { Page } from '#app/ui/parts/Page.tsx'
import { Go, Press } from '#app/ui/parts/Press.tsx'
import { useWide } from '#app/ui/parts/wide.ts'
import { dayWords, practisedWords } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { addDays, type CivilDay, civilDay, yearOf } from '#core/time.ts'
import { EntryRow, entryName } from './EntryRow.tsx'
import { LookBack } from './LookBack.tsx'
import { lastSevenDays, matches, openDays } from './view.ts'
import { WriteLine } from './WriteLine.tsx'
import './journal.css'

const Day = ({ day, today }: { readonly day: JournalDay; readonly today: CivilDay }) => (
  <section className="day" aria-labelledby={`day-${day.day}`}>
    <div className="day-head">
      <h2 id={`day-${day.day}`}>{day.day === today ? t('journal.today') : dayWords(day.day, today)}</h2>
      {day.practisedMs > 0 && <span className="soft small">{practisedWords(day.practisedMs)}</span>}
    </div>
    <ul className="entries">
      {day.entries.map((entry) => (
        <EntryRow key={entry.id} entry={entry} />
      ))}
    </ul>
  </section>
)

/** A year that is not open is not empty: it says so, and opens at a tap. */
const ClosedYear = ({ year }: { readonly year: JournalYear }) => {
  const { store } = useWorld()
  if (year.kind === 'open') return null
  if (year.kind === 'opening') return <p className="soft">{t('journal.opening', { year: String(year.year) })}</p>
  return (
    <div className="stack stack-close">
      {year.kind === 'failed' && <p className="warn">{t('journal.failed', { year: String(year.year) })}</p>}
      <Press onPress={() => void store.openYear(year.year)}>
        {t('journal.open-year', { year: String(year.year) })}
      </Press>
    </div>
  )
}

const daysShown = (journal: WholeJournal, day: string | null, query: string): readonly JournalDay[] => {
  const days = openDays(journal).filter((each) => day === null || each.day === day)
  if (query.trim() === '') return days
  return days
    .map((each) => ({ ...each, entries: each.entries.filter((entry) => matches(entry, query.trim(), entryName)) }))
    .filter(({ entries }) => entries.length > 0)
}

/** How many days are drawn at first: more than any screen shows. A decade is not poured onto a phone at once. */
const DAYS_AT_ONCE = 14

const Days = ({
  days,
  today,
  journal
}: {
  readonly days: readonly JournalDay[]
  readonly today: CivilDay
  readonly journal: WholeJournal
}) => {
  const [shown, setShown] = useState(DAYS_AT_ONCE)
  return (
    <>
      {days.slice(0, shown).map((each) => (
        <Day key={each.day} day={each} today={today} />
      ))}
      {days.length > shown ? (
        <Press onPress={() => setShown(shown + DAYS_AT_ONCE)}>{t('journal.earlier')}</Press>
      ) : (
        journal.years.map((year) => <ClosedYear key={year.year} year={year} />)
      )}
    </>
  )
}

const Empty = () => (
  <div className="stack">
    <p className="soft">{t('journal.empty')}</p>
    <Go to={{ name: 'breathe' }} className="press press-light">
      {t('journal.empty-action')}
    </Go>
  </div>
)

/** Once what is drawn now has been painted. */
const afterPaint = (run: () => void): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(run)
  })
  return () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
}

/** The years that the last seven days lie in are read where they exist, after the field to write in is there. */
const useThisWeek = (today: CivilDay): void => {
  const { store } = useWorld()
  const [first, last] = [yearOf(addDays(today, -6)), yearOf(today)]
  useEffect(
    () =>
      afterPaint(() => {
        for (const { year, kind } of store.journal.get().years)
          if (kind === 'closed' && (year === first || year === last)) void store.openYear(year)
      }),
    [store, first, last]
  )
}

/** By day, newest first. Minutes are told as they were; nothing here counts what did not happen. */
export const Journal = ({ day }: { readonly day: string | null }) => {
  const { store, clock } = useWorld()
  const journal = useLive(store.journal)
  const [query, setQuery] = useState('')
  const today = civilDay(clock.moment())
  useThisWeek(today)
  const week = lastSevenDays(journal, today)
  const days = daysShown(journal, day, query)
  const empty = journal.years.every((year) => year.kind === 'open' && year.days.length === 0)
  const wide = useWide()
  const lookBack = empty ? null : (
    <LookBack journal={journal} today={today} day={day} query={query} onQuery={setQuery} />
  )
  return (
    <div className="two">
      <Page title={day === null ? t('journal.title') : dayWords(day, today)} back={day !== null} className="journal">
        {day === null && week > 0 && <p className="soft">{t('journal.week', { time: practisedWords(week) })}</p>}
        {(day === null || day === today) && <WriteLine />}
        {!wide && lookBack}
        {empty ? <Empty /> : <Days days={days} today={today} journal={journal} />}
        {!empty && days.length === 0 && (
          <p className="soft">{t(query === '' ? 'journal.day-empty' : 'journal.none-found')}</p>
        )}
      </Page>
      {wide && lookBack}
    </div>
  )
}
