import type { BellSound, Settings } from '#app/domain/settings/settings.ts'
import { t } from '#app/ui/i18n.ts'
import { Choice, Slide } from '#app/ui/parts/Fields.tsx'
import { share } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { useSettings } from './useSettings.ts'

const volumes = ['volumeCue', 'volumeBell'] as const satisfies readonly (keyof Settings)[]
const bells = ['warmUpBell', 'intervalBell', 'endBell'] as const satisfies readonly (keyof Settings)[]
const sounds: readonly BellSound[] = ['none', 'bowl', 'bell', 'wood']

export const Sound = () => {
  const { senses } = useWorld()
  const [settings, change] = useSettings()
  /** Chosen is heard, as loud as it will be. */
  const choose = (key: (typeof bells)[number], bell: BellSound): void => {
    change({ [key]: bell })
    if (bell !== 'none') senses.tryBell(bell, settings.volumeBell)
  }
  if (!senses.available.sound) return <p>{t('sound.none-here')}</p>
  return (
    <>
      {volumes.map((key) => (
        <Slide
          key={key}
          label={t(`sound.${key}`)}
          value={Math.round(settings[key] * 100)}
          min={0}
          max={100}
          step={5}
          words={settings[key] === 0 ? t('sound.silent') : share(settings[key])}
          onChange={(value) => change({ [key]: value / 100 })}
        />
      ))}
      {bells.map((key) => (
        <Choice
          key={key}
          legend={t(`sound.${key}`)}
          value={settings[key]}
          options={sounds.map((value) => ({ value, label: t(`sound.bell.${value}`) }))}
          onChoose={(value) => choose(key, value)}
        />
      ))}
      {settings.intervalBell !== 'none' && (
        <Slide
          label={t('sound.interval')}
          value={settings.intervalMinutes}
          min={1}
          max={30}
          step={1}
          words={t('plan.minutes', { count: settings.intervalMinutes })}
          onChange={(value) => change({ intervalMinutes: value })}
        />
      )}
    </>
  )
}
