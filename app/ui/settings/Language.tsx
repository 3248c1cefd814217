import { locales, t } from '#app/ui/i18n.ts'
import { Choice } from '#app/ui/parts/Fields.tsx'
import { useSettings } from './useSettings.ts'

export const Language = () => {
  const [{ language }, change] = useSettings()
  return (
    <Choice
      legend={t('language.legend')}
      hideLegend
      value={language}
      options={[
        { value: 'system', label: t('language.system') },
        ...locales.map(({ id, name }) => ({ value: id as string, label: name }))
      ]}
      onChoose={(value) => change({ language: value })}
    />
  )
}
