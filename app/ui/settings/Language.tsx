import { locales, t } from '#app/ui/i18n.ts'
import { Choice } from '#app/ui/parts/Fields.tsx'
import { useSettings } from './useSettings.ts'

export const Language = () => {
  const [{ language }, change] = useSettings()
  // For those who look at the layout right to left: /settings/language?mirror
  const mirrored = location.search === '?mirror' || language === 'ar-XB'
  return (
    <Choice
      legend={t('language.legend')}
      hideLegend
      value={language}
      options={[
        { value: 'system', label: t('language.system') },
        ...locales.map(({ id, name }) => ({ value: id as string, label: name })),
        ...(mirrored ? [{ value: 'ar-XB', label: t('language.mirrored') }] : [])
      ]}
      onChoose={(value) => change({ language: value })}
    />
  )
}
