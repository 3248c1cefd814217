import { type ReactNode, Suspense, useEffect, useState } from 'react'
import { CareScreen } from './breathe/Care.tsx'
import { Home } from './breathe/Home.tsx'
import { Patterns } from './breathe/Patterns.tsx'
import { SessionPlace } from './breathe/SessionPlace.tsx'
import { Frame } from './Frame.tsx'
import { speak, spokenLocale, t, wantedLocale } from './i18n.ts'
import { useLive } from './parts/live.ts'
import { Page } from './parts/Page.tsx'
import { Go } from './parts/Press.tsx'
import type { Place } from './places.ts'
import { elsewhereRoom, entryRoom, fieldRoom, journalRoom, patternRoom, settingsRoom } from './rooms.ts'
import { type Router, RouterContext, usePlace } from './router.ts'
import { useWorld, type World, WorldContext } from './world.ts'
import './look/tokens.css'
import './look/base.css'

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
      return <patternRoom.Screen key={place.id} id={place.id} />
    case 'care':
      return <CareScreen pattern={place.pattern} />
    case 'session':
      return <SessionPlace />
    case 'journal':
      return <journalRoom.Screen key={place.day} day={place.day} />
    case 'entry':
      return <entryRoom.Screen id={place.practice} />
    case 'settings':
      return <settingsRoom.Screen section={place.section} />
    case 'field':
      return <fieldRoom.Screen />
    case 'elsewhere':
      return <elsewhereRoom.Screen />
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
  const wanted = wantedLocale(language)
  const [spoken, setSpoken] = useState(spokenLocale)
  useEffect(() => void speak(wanted).then(() => setSpoken(wanted)), [wanted])
  useTheme()
  return (
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
