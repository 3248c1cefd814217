import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { CareScreen } from './breathe/Care.tsx'
import { Home } from './breathe/Home.tsx'
import { Patterns } from './breathe/Patterns.tsx'
import { SessionPlace } from './breathe/SessionPlace.tsx'
import { Frame } from './Frame.tsx'
import { localeFor, speak, t } from './i18n.ts'
import { useLive } from './parts/live.ts'
import { Page } from './parts/Page.tsx'
import { Go } from './parts/Press.tsx'
import type { Place } from './places.ts'
import { type Router, RouterContext, usePlace } from './router.ts'
import { Shell } from './Shell.tsx'
import { useWorld, type World, WorldContext } from './world.ts'
import './look/tokens.css'
import './look/base.css'

const Journal = lazy(async () => ({ default: (await import('./journal/Journal.tsx')).Journal }))
const Entry = lazy(async () => ({ default: (await import('./journal/Entry.tsx')).Entry }))
const Settings = lazy(async () => ({ default: (await import('./settings/Settings.tsx')).Settings }))
const OwnPattern = lazy(async () => ({ default: (await import('./breathe/OwnPattern.tsx')).OwnPattern }))
const ElsewherePlace = lazy(async () => ({ default: (await import('./settings/ElsewherePlace.tsx')).ElsewherePlace }))

const Unknown = () => (
  <Page title={t('unknown.title')}>
    <p>{t('unknown.told')}</p>
    <Go to={{ name: 'breathe' }} className="press press-light">
      {t('unknown.home')}
    </Go>
  </Page>
)

const screen = (place: Place): ReactNode => {
  switch (place.name) {
    case 'breathe':
      return <Home />
    case 'patterns':
      return <Patterns />
    case 'pattern':
      return <OwnPattern key={place.id} id={place.id} />
    case 'care':
      return <CareScreen pattern={place.pattern} />
    case 'session':
      return <SessionPlace />
    case 'journal':
      return <Journal key={place.day} day={place.day} />
    case 'entry':
      return <Entry id={place.practice} />
    case 'settings':
      return <Settings section={place.section} />
    case 'elsewhere':
      return <ElsewherePlace />
    case 'unknown':
      return <Unknown />
  }
}

const Here = ({ onShown }: { readonly onShown: () => void }) => {
  const place = usePlace()
  // After the paint: what the first screen did not need may begin.
  useEffect(onShown, [onShown])
  return (
    <Frame>
      <Suspense fallback={<div className="page" aria-busy="true" />}>{screen(place)}</Suspense>
    </Frame>
  )
}

const useTheme = (): void => {
  const { theme } = useLive(useWorld().store.settings)
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  }, [theme])
}

/** Draws the tree anew in the chosen language once its words are here. */
const Spoken = ({ children }: { readonly children: ReactNode }) => {
  const { language } = useLive(useWorld().store.settings)
  const wanted = localeFor(language === 'system' ? navigator.languages : [language])
  const [spoken, setSpoken] = useState<string | null>(null)
  useEffect(() => void speak(wanted).then(() => setSpoken(wanted)), [wanted])
  useTheme()
  return spoken === null ? (
    <Shell />
  ) : (
    <div key={spoken} className="spoken">
      {children}
    </div>
  )
}

interface AppProps {
  readonly world: World
  readonly router: Router
  readonly onShown: () => void
}

export const App = ({ world, router, onShown }: AppProps) => (
  <WorldContext value={world}>
    <RouterContext value={router}>
      <Spoken>
        <Here onShown={onShown} />
      </Spoken>
    </RouterContext>
  </WorldContext>
)
