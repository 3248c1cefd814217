import { t } from '#app/ui/i18n.ts'
import { Page } from '#app/ui/parts/Page.tsx'
import { Elsewhere } from './Elsewhere.tsx'
import './settings.css'

/** The same flow from the first screen, before there is anything to set. */
export const ElsewherePlace = () => (
  <Page title={t('settings.elsewhere')} back>
    <Elsewhere />
  </Page>
)
