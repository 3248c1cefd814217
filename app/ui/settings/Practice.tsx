import { CountMe } from '#app/ui/field/CountMe.tsx'
import { t } from '#app/ui/i18n.ts'
import { Slide, Switch } from '#app/ui/parts/Fields.tsx'
import { useWorld } from '#app/ui/world.ts'
import { useSettings } from './useSettings.ts'

export const Practice = () => {
  const { senses } = useWorld()
  const [settings, change] = useSettings()
  return (
    <>
      <Slide
        label={t('practice.count-in')}
        value={settings.countIn}
        min={0}
        max={15}
        step={1}
        words={settings.countIn === 0 ? t('practice.at-once') : t('time.seconds', { count: settings.countIn })}
        onChange={(countIn) => change({ countIn })}
      />
      <Switch label={t('practice.word')} on={settings.phaseWord} onChange={(phaseWord) => change({ phaseWord })} />
      {senses.available.haptics ? (
        <Switch
          label={t('practice.haptics')}
          hint={t('practice.haptics-hint')}
          on={settings.haptics}
          onChange={(haptics) => change({ haptics })}
        />
      ) : (
        <p className="soft small">{t('practice.no-haptics')}</p>
      )}
      <Switch
        label={t('practice.spoken')}
        hint={t('practice.spoken-hint')}
        on={settings.screenReaderPhases}
        onChange={(screenReaderPhases) => change({ screenReaderPhases })}
      />
      <CountMe />
    </>
  )
}
