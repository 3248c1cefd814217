import type { ReactNode } from 'react'
import { t } from './i18n.ts'
import { Light } from './Light.tsx'
import { spoken } from './parts/announce.ts'
import { Banners } from './parts/Banners.tsx'
import { useLive } from './parts/live.ts'
import { Go } from './parts/Press.tsx'
import { toast } from './parts/toast.ts'
import type { Place } from './places.ts'
import { usePlace } from './router.ts'
import './frame.css'
import './parts/parts.css'

const BreatheMark = () => (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="9" />
    <circle cx="12" cy="12" r="4.2" className="lit" />
  </svg>
)

const JournalMark = () => (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    <path d="M4 7.5h16M4 12h12M4 16.5h8" />
    <circle cx="19" cy="15.5" r="2.2" className="lit" />
  </svg>
)

const FieldMark = () => (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    <path d="M3 18.5c5-3 13-3 18 0" />
    <circle cx="7" cy="11" r="1.8" className="lit" />
    <circle cx="12.5" cy="6.5" r="1.8" className="lit" />
    <circle cx="17" cy="12" r="1.8" className="lit" />
  </svg>
)

const isJournal = (place: Place): boolean => place.name === 'journal' || place.name === 'entry'
const isBreathe = (place: Place): boolean => ['breathe', 'patterns', 'pattern', 'care'].includes(place.name)

const Places = ({ place }: { readonly place: Place }) => (
  <nav className="places" aria-label={t('nav.places')}>
    <Go to={{ name: 'breathe' }} current={isBreathe(place)}>
      <BreatheMark />
      {t('nav.breathe')}
    </Go>
    <Go to={{ name: 'journal', day: null }} current={isJournal(place)}>
      <JournalMark />
      {t('nav.journal')}
    </Go>
    <Go to={{ name: 'field' }} current={place.name === 'field'}>
      <FieldMark />
      {t('nav.field')}
    </Go>
  </nav>
)

const Told = () => {
  const now = useLive(toast)
  const { words, turn } = useLive(spoken)
  return (
    <>
      <div className="unseen" aria-live="polite">
        <span key={turn}>{words}</span>
      </div>
      <div role="status">
        {now !== null && (
          <div className="toast">
            <span>{now.words}</span>
            {now.action !== null && (
              <button
                type="button"
                className="press"
                onClick={() => {
                  now.action?.run()
                  toast.set(null)
                }}
              >
                {now.action.label}
              </button>
            )}
            <button type="button" className="press" onClick={() => toast.set(null)}>
              {t('toast.close')}
            </button>
          </div>
        )}
      </div>
    </>
  )
}

/** What surrounds every place. During a session everything else leaves. */
export const Frame = ({ children }: { readonly children: ReactNode }) => {
  const place = usePlace()
  const quiet = place.name === 'session'
  return (
    <div className={quiet ? 'frame frame-quiet' : 'frame'}>
      {!quiet && (
        <>
          <a className="skip" href="#main">
            {t('nav.skip')}
          </a>
          <header className="top">
            <Light />
          </header>
        </>
      )}
      <main id="main" tabIndex={-1}>
        {!quiet && <Banners />}
        {children}
      </main>
      {!quiet && <Places place={place} />}
      <Told />
    </div>
  )
}
