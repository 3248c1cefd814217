import { careFor } from '#app/domain/breath/care.ts'
import type { Pattern } from '#app/domain/breath/pattern.ts'
import { t } from '#app/ui/i18n.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { Page } from '#app/ui/parts/Page.tsx'
import { Press } from '#app/ui/parts/Press.tsx'
import { useRouter } from '#app/ui/router.ts'
import { patternName } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { patternUnder, planOf, softened } from './choice.ts'

/** Said once, plainly, before the first fast or long-held breath. */
export const CareScreen = ({ pattern: id }: { readonly pattern: string }) => {
  const { store, sitting } = useWorld()
  const router = useRouter()
  const pattern = patternUnder(useLive(store.patterns), id)
  const settings = useLive(store.settings)
  const care = careFor(pattern.breath)
  const breathe = (chosen: Pattern): void => {
    sitting.begin(chosen, planOf(pattern, settings))
    router.replace({ name: 'session' })
  }
  const understood = (): void => {
    const seen = {
      careFastSeen: care.fast || settings.careFastSeen,
      careHoldSeen: care.longHold || settings.careHoldSeen
    }
    void store.dispatch({ kind: 'change-settings', change: seen })
    breathe(pattern)
  }
  return (
    <Page title={t('care.title')} back className="page-centre">
      <p>{t(care.longHold ? 'care.hold' : 'care.fast', { name: patternName(pattern) })}</p>
      <ul className="care-list">
        <li>{t('care.where')}</li>
        <li>{t('care.who')}</li>
        {care.underEighteenLine && <li>{t('care.young')}</li>}
      </ul>
      <p className="soft">{t('care.stop')}</p>
      <div className="stack stack-close">
        <Press weight="light" onPress={understood}>
          {t('care.understood')}
        </Press>
        {care.gentler !== null && (
          <Press onPress={() => care.gentler !== null && breathe(softened(pattern, care.gentler))}>
            {t('care.soft')}
          </Press>
        )}
      </div>
    </Page>
  )
}
