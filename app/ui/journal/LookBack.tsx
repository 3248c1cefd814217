import type { Journal } from '#app/domain/journal/entry.ts'
import { t } from '#app/ui/i18n.ts'
import { useWide } from '#app/ui/parts/wide.ts'
import { useWorld } from '#app/ui/world.ts'
import type { CivilDay } from '#core/time.ts'
import { Calendar } from './Calendar.tsx'

interface SearchProps {
  readonly query: string
  readonly onQuery: (query: string) => void
}

const Search = ({ query, onQuery }: SearchProps) => {
  const { store } = useWorld()
  return (
    <input
      type="search"
      className="search"
      aria-label={t('journal.search')}
      placeholder={t('journal.search')}
      value={query}
      onFocus={() => void store.openAll()}
      onChange={(event) => onQuery(event.currentTarget.value)}
    />
  )
}

interface LookBackProps extends SearchProps {
  readonly journal: Journal
  readonly today: CivilDay
  readonly day: string | null
}

/**
 * Ways to earlier days. Beside the days where there is room; on a phone one quiet line above them, since nobody scrolls past all days
 * to search them. What is found there follows right below: the calendar steps aside for it.
 */
export const LookBack = ({ journal, today, day, query, onQuery }: LookBackProps) => {
  const wide = useWide()
  const calendar = <Calendar journal={journal} today={today} chosen={day} />
  const search = <Search query={query} onQuery={onQuery} />
  if (wide)
    return (
      <aside className="two-second journal-aside" aria-label={t('journal.calendar')}>
        {calendar}
        {search}
      </aside>
    )
  return (
    <details className="look-back">
      <summary className="soft">{t('journal.look-back')}</summary>
      <div className="look-back-ways">
        {search}
        {query === '' && calendar}
      </div>
    </details>
  )
}
