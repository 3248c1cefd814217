import { t } from '#app/ui/i18n.ts'
import { Switch } from '#app/ui/parts/Fields.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { useWorld } from '#app/ui/world.ts'
import './field.css'

/** Off until it is chosen, with what it means beside it. */
export const CountMe = () => {
  const { store } = useWorld()
  const { countMe } = useLive(store.settings)
  return (
    <div className="stack stack-close count-me">
      <Switch
        label={t('field.count-me')}
        hint={t(countMe ? 'field.count-me-hint-on' : 'field.count-me-hint')}
        on={countMe}
        onChange={(on) => void store.dispatch({ kind: 'change-settings', change: { countMe: on } })}
      />
      <details className="more">
        <summary>{t('field.count-me-what')}</summary>
        <ul className="plain-list small soft">
          {(['field.sent', 'field.relay-sees', 'field.others-see', 'field.not-sent'] as const).map((id) => (
            <li key={id}>{t(id)}</li>
          ))}
        </ul>
      </details>
    </div>
  )
}
