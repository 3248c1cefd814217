import type { ComponentType } from 'react'
import { t } from '#app/ui/i18n.ts'
import { Page } from '#app/ui/parts/Page.tsx'
import { Go } from '#app/ui/parts/Press.tsx'
import type { SettingsSection } from '#app/ui/places.ts'
import { useSafety } from '#app/ui/useSafety.ts'
import { About } from './About.tsx'
import { Backup } from './Backup.tsx'
import { Elsewhere } from './Elsewhere.tsx'
import { Erase } from './Erase.tsx'
import { Language } from './Language.tsx'
import { Look } from './Look.tsx'
import { Phrase } from './Phrase.tsx'
import { Practice } from './Practice.tsx'
import { RelaySees } from './RelaySees.tsx'
import { Safety } from './Safety.tsx'
import { Sound } from './Sound.tsx'
import './settings.css'

const screens: Readonly<Record<SettingsSection, ComponentType>> = {
  look: Look,
  sound: Sound,
  practice: Practice,
  language: Language,
  safety: Safety,
  phrase: Phrase,
  elsewhere: Elsewhere,
  backup: Backup,
  erase: Erase,
  'relay-sees': RelaySees,
  about: About
}

const groups: readonly (readonly SettingsSection[])[] = [
  ['look', 'sound', 'practice', 'language'],
  ['safety', 'phrase', 'elsewhere', 'backup', 'erase'],
  ['relay-sees', 'about']
]

const Sections = ({ chosen }: { readonly chosen: SettingsSection | null }) => (
  <nav className="sections" aria-label={t('settings.title')}>
    {groups.map((group) => (
      <div key={group[0]}>
        {group.map((section) => (
          <Go key={section} to={{ name: 'settings', section }} className="section-link" current={section === chosen}>
            {t(`settings.${section}`)}
          </Go>
        ))}
      </div>
    ))}
  </nav>
)

const SafeLine = () => {
  const { where } = useSafety()
  return <p className="soft">{t(where.id, where.values)}</p>
}

/** Behind the person's light. On a wide screen the list stays beside what was chosen. */
export const Settings = ({ section }: { readonly section: SettingsSection | null }) => {
  if (section === null)
    return (
      <div className="two settings">
        <Page title={t('settings.title')}>
          <SafeLine />
          <Sections chosen={null} />
        </Page>
        <aside className="two-second wide-only stack settings-beside" aria-labelledby="settings-beside">
          <h2 id="settings-beside">{t('settings.safety')}</h2>
          <Safety />
        </aside>
      </div>
    )
  const Screen = screens[section]
  return (
    <div className="two settings">
      <aside className="settings-list wide-only">
        <Sections chosen={section} />
      </aside>
      <Page key={section} title={t(`settings.${section}`)} back className="settings-detail">
        <Screen />
      </Page>
    </div>
  )
}
