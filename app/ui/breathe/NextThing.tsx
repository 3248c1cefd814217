import { useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { Go, Press } from '#app/ui/parts/Press.tsx'
import { useWorld } from '#app/ui/world.ts'

const HINTED = 'council-install-hinted'

/** Once per browser; storage that may not be read counts as hinted, so that nobody is asked each day. */
const wasHinted = (): boolean => {
  try {
    return localStorage.getItem(HINTED) !== null
  } catch {
    return true
  }
}

const InstallHint = () => {
  const { app } = useWorld()
  const [hinted, setHinted] = useState(wasHinted)
  const { installable, installed } = useLive(app)
  if (hinted || !installable || installed) return null
  const answer = (install: boolean) => (): void => {
    localStorage.setItem(HINTED, '1')
    setHinted(true)
    if (install) void app.install()
  }
  return (
    <div className="home-next">
      <p className="soft small">{t('next.install')}</p>
      <div className="row">
        <Press onPress={answer(true)}>{t('next.install-do')}</Press>
        <Press weight="quiet" onPress={answer(false)}>
          {t('next.later')}
        </Press>
      </div>
    </div>
  )
}

/** After the first kept practice, one thing at a time: first the words that open the journal elsewhere, then a lasting place. */
export const NextThing = () => {
  const { store, keep } = useWorld()
  const { phraseConfirmed } = useLive(store.settings)
  const kept = useLive(keep).kind === 'ready'
  if (!kept) return null
  if (phraseConfirmed) return <InstallHint />
  return (
    <div className="home-next">
      <p className="soft small">
        {t('next.phrase')}{' '}
        <Go to={{ name: 'settings', section: 'phrase' }} className="next-link">
          {t('next.phrase-do')}
        </Go>
      </p>
    </div>
  )
}
