import type { Session } from '#app/domain/practice/session.ts'
import { t } from '#app/ui/i18n.ts'
import { Page } from '#app/ui/parts/Page.tsx'
import { Press } from '#app/ui/parts/Press.tsx'
import { useRouter } from '#app/ui/router.ts'
import { patternName, practisedWords } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { practisedMs } from '#core/breath-session.ts'
import { useDiscard } from './useDiscard.ts'

type Waiting = Extract<Session, { kind: 'paused' | 'reflecting' }>

/** A practice that a crash, a reload or a step aside cut short: go on with it, or keep it as far as it went. */
export const Unfinished = ({ session }: { readonly session: Waiting }) => {
  const { sitting } = useWorld()
  const discard = useDiscard()
  const router = useRouter()
  const ms = session.kind === 'paused' ? practisedMs(session.spans, sitting.now()) : session.outcome.practisedMs
  const goOn = (): void => {
    if (session.kind === 'paused') sitting.say({ kind: 'resume' })
    router.go({ name: 'session' })
  }
  const keep = (): void => {
    if (session.kind === 'paused') sitting.say({ kind: 'finish', how: 'now' })
    sitting.say({ kind: 'keep' })
  }
  return (
    <Page title={t('unfinished.title')} className="page-centre">
      <p>{t('unfinished.told', { name: patternName(session.setup.pattern), time: practisedWords(ms) })}</p>
      <div className="row">
        <Press weight="light" onPress={goOn}>
          {t(session.kind === 'paused' ? 'unfinished.go-on' : 'unfinished.reflect')}
        </Press>
        <Press onPress={keep}>{t('unfinished.keep')}</Press>
        <Press weight="quiet" onPress={discard}>
          {t('unfinished.discard')}
        </Press>
      </div>
    </Page>
  )
}
