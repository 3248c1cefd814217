import { t } from './i18n.ts'
import { useLive } from './parts/live.ts'
import { Go } from './parts/Press.tsx'
import { usePlace } from './router.ts'
import { tellSafety, type Told } from './safety.ts'
import { useWorld } from './world.ts'

export const useSafety = (): Told => {
  const { keep, store, sync } = useWorld()
  return tellSafety(useLive(keep), useLive(store.status).unsaved, useLive(sync))
}

/** The person's light: the way to the settings, and how safe things are, for eyes and ears. */
export const Light = () => {
  const { flame, where } = useSafety()
  const place = usePlace()
  return (
    <span className="light-holder">
      <Go
        to={{ name: 'settings', section: null }}
        className={`light light-${flame}`}
        label={`${t('nav.settings')} · ${t(where.id, where.values)}`}
        current={place.name === 'settings'}
      >
        <span className="light-flame" />
      </Go>
    </span>
  )
}
