import { useEffect, useState } from 'react'
import { findEntry } from '#app/domain/journal/days.ts'
import type { JournalEntry } from '#app/domain/journal/entry.ts'
import type { Reflection } from '#app/domain/practice/record.ts'
import { Feelings } from '#app/ui/breathe/Feelings.tsx'
import { t } from '#app/ui/i18n.ts'
import { Field } from '#app/ui/parts/Fields.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { useTellOutcome } from '#app/ui/parts/outcome.ts'
import { Page } from '#app/ui/parts/Page.tsx'
import { Press } from '#app/ui/parts/Press.tsx'
import { useRouter } from '#app/ui/router.ts'
import { breathFigure, clockWords, dayWords, practisedWords } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { civilDay } from '#core/time.ts'
import { entryName } from './EntryRow.tsx'
import { tagsOf } from './view.ts'
import './journal.css'

const Facts = ({ entry }: { readonly entry: JournalEntry }) => {
  const { clock } = useWorld()
  const at = entry.kind === 'practice' ? entry.startedAt : entry.writtenAt
  const parts = [dayWords(entry.day, civilDay(clock.moment())), clockWords(at)]
  if (entry.kind === 'practice') parts.push(practisedWords(entry.practisedMs), breathFigure(entry.pattern.breath))
  return <p className="soft">{parts.join(' · ')}</p>
}

const Edit = ({ entry }: { readonly entry: JournalEntry }) => {
  const { store } = useWorld()
  const router = useRouter()
  const tellOutcome = useTellOutcome()
  const [line, setLine] = useState(entry.line)
  const [tags, setTags] = useState(entry.tags.join(', '))
  const edit = async (change: Partial<Reflection>): Promise<void> =>
    tellOutcome(await store.dispatch({ kind: 'edit-entry', id: entry.id, year: entry.year, change }), null)
  const keep = (): void => {
    const change = {
      ...(line === entry.line ? {} : { line }),
      ...(tags === entry.tags.join(', ') ? {} : { tags: tagsOf(tags) })
    }
    if (Object.keys(change).length > 0) void edit(change)
    router.back()
  }
  const remove = async (): Promise<void> => {
    router.back()
    tellOutcome(await store.dispatch({ kind: 'delete-entry', id: entry.id, year: entry.year }), t('journal.deleted'))
  }
  return (
    <Page title={entryName(entry)} back className="journal">
      <Facts entry={entry} />
      {entry.kind === 'practice' && (
        <>
          <Feelings legend={t('reflect.before')} value={entry.before} onChoose={(before) => void edit({ before })} />
          <Feelings legend={t('reflect.after')} value={entry.after} onChoose={(after) => void edit({ after })} />
        </>
      )}
      <Field label={t('entry.line')}>
        {(ids) => <textarea {...ids} rows={5} value={line} onChange={(event) => setLine(event.currentTarget.value)} />}
      </Field>
      <Field label={t('reflect.tags')} hint={t('reflect.tags-hint')}>
        {(ids) => (
          <input
            {...ids}
            type="text"
            autoCapitalize="none"
            value={tags}
            onChange={(event) => setTags(event.currentTarget.value)}
          />
        )}
      </Field>
      <div className="row row-apart">
        <Press weight="light" onPress={keep}>
          {t('entry.keep')}
        </Press>
        <Press weight="careful" onPress={() => void remove()}>
          {t('entry.delete')}
        </Press>
      </div>
    </Page>
  )
}

/** One entry, to read and change. An address that leads to nothing says so once every year has been looked at. */
export const Entry = ({ id }: { readonly id: string }) => {
  const { store } = useWorld()
  const entry = findEntry(useLive(store.journal), id)
  const [looked, setLooked] = useState(false)
  const missing = entry === null
  useEffect(() => {
    if (missing) void store.openAll().then(() => setLooked(true))
  }, [missing, store])
  if (entry !== null) return <Edit key={entry.id} entry={entry} />
  return (
    <Page title={t(looked ? 'entry.gone' : 'entry.looking')} back>
      {looked && <p className="soft">{t('entry.gone-told')}</p>}
    </Page>
  )
}
