import type { FieldCounts, FieldFacts } from '#app/domain/field/facts.ts'
import { t } from '#app/ui/i18n.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { Page } from '#app/ui/parts/Page.tsx'
import { Go } from '#app/ui/parts/Press.tsx'
import { clockWords, dayWords, recently } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import type { HourCount } from '#core/field-counts.ts'
import { Bars } from './Bars.tsx'
import { CountMe } from './CountMe.tsx'
import './field.css'

/** The one large sentence: what is true now, or was when it was known last. */
const headline = ({ link, counts }: FieldFacts): string => {
  if (link === 'no-relay') return t('field.head.no-relay')
  if (link === 'refused') return t('field.head.refused')
  if (counts === null) return t(link === 'away' ? 'field.head.unknown' : 'field.head.looking')
  const { people } = counts.people
  if (link === 'live') return people === 0 ? t('field.head.nobody') : t('field.head.now', { count: people })
  return people === 0 ? t('field.head.nobody-then') : t('field.head.then', { count: people })
}

const MOST_LIGHTS = 40

/** Each a person, as far as they fit: the sentence above says how many. */
const Lights = ({ people }: { readonly people: number }) => (
  <ul className="lights" aria-hidden="true">
    {Array.from({ length: Math.min(people, MOST_LIGHTS) }, (_, i) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: nobody is anybody here; a light is only one more or one less.
      <li key={i} />
    ))}
  </ul>
)

const Under = ({ facts }: { readonly facts: FieldFacts }) => {
  const { clock } = useWorld()
  const { link, counts, counted } = facts
  if (link === 'no-relay')
    return (
      <>
        <p className="soft">{t('field.told.no-relay')}</p>
        <Go to={{ name: 'settings', section: 'safety' }} className="press press-quiet">
          {t('field.choose-relay')}
        </Go>
      </>
    )
  if (link === 'refused') return <p className="soft">{t('field.told.refused')}</p>
  if (counts === null) return link === 'away' ? <p className="soft">{t('field.told.unknown')}</p> : null
  if (link !== 'live')
    return (
      <p className="soft">
        {t('field.as-of', { time: recently(counts.asOfMs, clock.moment().utcMs) })}{' '}
        {link === 'away' && t('field.told.away')}
      </p>
    )
  if (counted && counts.people.people > 0)
    return <p className="soft">{t(counts.people.people === 1 ? 'field.you-alone' : 'field.you-too')}</p>
  return counts.people.people === 0 ? <p className="soft">{t('field.told.nobody')}</p> : null
}

const History = ({ counts }: { readonly counts: FieldCounts }) => {
  const { offsetMinutes } = useWorld().clock.moment()
  const today = counts.days.at(-1)?.day ?? ''
  const hourWords = ({ hour }: HourCount): string => clockWords({ utcMs: hour * 3_600_000, offsetMinutes })
  const [firstHour] = counts.hours
  return (
    <div className="two-second field-history">
      <Bars
        title={t('field.day')}
        bars={counts.hours.map((each) => ({ key: each.hour, label: hourWords(each), ...each }))}
        from={firstHour === undefined ? '' : hourWords(firstHour)}
        to={t('field.this-hour')}
        when={t('field.hour-from')}
      />
      <Bars
        title={t('field.month')}
        bars={counts.days.map((each) => ({ key: each.day, label: dayWords(each.day, today), ...each }))}
        from={dayWords(counts.days[0]?.day ?? today, today)}
        to={t('field.today')}
        when={t('field.on-day')}
      />
    </div>
  )
}

/** People who practise now with this relay and let themselves be counted. Only what was measured is shown. */
export const Field = () => {
  const facts = useLive(useWorld().field)
  const { link, counts } = facts
  const hasHistory = counts !== null && link !== 'no-relay' && link !== 'refused'
  return (
    <div className="two">
      <Page title={t('nav.field')} heading={headline(facts)} className="field-page">
        {link === 'live' && counts !== null && counts.people.people > 0 && <Lights people={counts.people.people} />}
        <Under facts={facts} />
        {link === 'live' && !facts.counted && (
          <Go to={{ name: 'breathe' }} className="press press-light">
            {t('field.begin')}
          </Go>
        )}
        {link !== 'no-relay' && link !== 'refused' && <CountMe />}
      </Page>
      {hasHistory && <History counts={counts} />}
    </div>
  )
}
