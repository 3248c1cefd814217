import { useEffect } from 'react'
import type { Feeling } from '#app/domain/practice/record.ts'
import type { Session } from '#app/domain/practice/session.ts'
import { t } from '#app/ui/i18n.ts'
import { tagsOf } from '#app/ui/journal/view.ts'
import { announce } from '#app/ui/parts/announce.ts'
import { Field } from '#app/ui/parts/Fields.tsx'
import { Page } from '#app/ui/parts/Page.tsx'
import { Press } from '#app/ui/parts/Press.tsx'
import { useRouter } from '#app/ui/router.ts'
import { practisedWords } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { Feelings } from './Feelings.tsx'
import { useDiscard } from './useDiscard.ts'

type Reflecting = Extract<Session, { kind: 'reflecting' }>

/** After the breath: two taps, a line, tags. Every one of them may be left out. */
export const ReflectionScreen = ({ session: { draft, outcome } }: { readonly session: Reflecting }) => {
  const { sitting } = useWorld()
  const discard = useDiscard()
  const router = useRouter()
  const time = practisedWords(outcome.practisedMs)
  useEffect(() => announce(t('session.ended', { time })), [time])
  const keep = (): void => {
    sitting.say({ kind: 'keep' })
    router.replace({ name: 'breathe' })
  }
  const letGo = (): void => {
    discard()
    router.replace({ name: 'breathe' })
  }
  const change = (part: Partial<Reflecting['draft']>): void => sitting.say({ kind: 'draft', change: part })
  return (
    <Page title={t('reflect.title')} className="page-centre reflect">
      <p className="soft">
        {time}
        {outcome.cycles > 0 && ` · ${t('reflect.cycles', { count: outcome.cycles })}`}
      </p>
      <Feelings legend={t('reflect.before')} value={draft.before} onChoose={(before: Feeling) => change({ before })} />
      <Feelings legend={t('reflect.after')} value={draft.after} onChoose={(after: Feeling) => change({ after })} />
      <Field label={t('reflect.line')}>
        {(ids) => (
          <textarea
            {...ids}
            rows={3}
            defaultValue={draft.line}
            onChange={(event) => change({ line: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t('reflect.tags')} hint={t('reflect.tags-hint')}>
        {(ids) => (
          <input
            {...ids}
            type="text"
            autoCapitalize="none"
            defaultValue={draft.tags.join(', ')}
            onChange={(event) => change({ tags: tagsOf(event.currentTarget.value) })}
          />
        )}
      </Field>
      <div className="row row-apart">
        <Press weight="light" onPress={keep}>
          {t('reflect.keep')}
        </Press>
        <Press weight="quiet" onPress={letGo}>
          {t('reflect.let-go')}
        </Press>
      </div>
    </Page>
  )
}
