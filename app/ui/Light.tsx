import { t } from './i18n.ts'
import { Go } from './parts/Press.tsx'
import { usePlace } from './router.ts'
import { useSafety } from './useSafety.ts'

/** The person's light: the way to the settings, and how safe things are, for eyes and ears. */
export const Light = () => {
  const { flame, where } = useSafety()
  const place = usePlace()
  return (
    <Go
      to={{ name: 'settings', section: null }}
      className={`light light-${flame}`}
      label={`${t('nav.settings')} · ${t(where.id, where.values)}`}
      current={place.name === 'settings'}
    >
      <span className="light-flame" />
    </Go>
  )
}
