import { entryTime } from '#app/domain/journal/days.ts'
import type { JournalEntry } from '#app/domain/journal/entry.ts'
import type { PracticeRecord } from '#app/domain/practice/record.ts'
import { t } from '#app/ui/i18n.ts'
import { Go } from '#app/ui/parts/Press.tsx'
import { clockWords, patternName, practisedWords } from '#app/ui/words.ts'

export const entryName = (entry: JournalEntry): string =>
  entry.kind === 'practice' ? patternName(entry.pattern) : t('journal.a-line')

const happenedAt = (entry: JournalEntry) => (entry.kind === 'practice' ? entry.startedAt : entry.writtenAt)

/** "scattered, then settled": in words, never a verdict. */
export const feltWords = ({ before, after }: PracticeRecord): string | null => {
  if (before !== null && after !== null)
    return t('felt.both', { before: t(`feeling.${before}`), after: t(`feeling.${after}`) })
  if (after !== null) return t(`feeling.${after}`)
  return before === null ? null : t('felt.before', { before: t(`feeling.${before}`) })
}

export const EntryRow = ({ entry }: { readonly entry: JournalEntry }) => {
  const felt = entry.kind === 'practice' ? feltWords(entry) : null
  return (
    <li className={`entry entry-${entry.kind}`}>
      <Go to={{ name: 'entry', practice: entry.id }} className="entry-link">
        <span className="entry-head">
          <time dateTime={new Date(entryTime(entry)).toISOString()} className="soft small">
            {clockWords(happenedAt(entry))}
          </time>
          {entry.kind === 'practice' && (
            <span>
              {entryName(entry)} <span className="soft">· {practisedWords(entry.practisedMs)}</span>
            </span>
          )}
        </span>
        {entry.line !== '' && <span className="entry-line">{entry.line}</span>}
        {(felt !== null || entry.tags.length > 0) && (
          <span className="soft small">
            {[felt, ...entry.tags.map((tag) => `#${tag}`)].filter((part) => part !== null).join(' · ')}
          </span>
        )}
      </Go>
    </li>
  )
}
