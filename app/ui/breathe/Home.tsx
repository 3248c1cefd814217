import { useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { Guide } from '#app/ui/orb/Guide.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { Page } from '#app/ui/parts/Page.tsx'
import { Go, Press } from '#app/ui/parts/Press.tsx'
import { breathFigure, patternName, planWords } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import type { PacedBreath } from '#core/breath.ts'
import { cycleMs } from '#core/breath-cycle.ts'
import { useChoice } from './choice.ts'
import { NextThing } from './NextThing.tsx'
import { PatternList } from './Patterns.tsx'
import { Unfinished } from './Unfinished.tsx'
import './breathe.css'

const CALM: PacedBreath = { kind: 'paced', seconds: { in: 4, sip: 0, hold: 0, out: 6, rest: 0 }, ramp: null }

/** The orb breathes before anyone asks it to. */
const Breathing = ({ breath }: { readonly breath: PacedBreath }) => {
  const { clock, store } = useWorld()
  const [startMs] = useState(clock.mono)
  const { look } = useLive(store.settings)
  return (
    <Guide
      look={look === 'words' ? 'orb' : look}
      breath={breath}
      course={{ cycleMs: cycleMs(breath), startMs, heldAtMs: null }}
    />
  )
}

/** A quiet mark: from now on this opens without a network. */
const Whole = () => {
  const { app } = useWorld()
  return useLive(app).whole ? <p className="whole soft small">{t('app.whole')}</p> : null
}

const FirstOpen = () => {
  const { begin } = useChoice()
  return (
    <Page title={t('first.title')} className="home">
      <Breathing breath={CALM} />
      <div className="home-deed">
        <Press weight="light" onPress={begin}>
          {t('breathe.begin')}
        </Press>
        <Go to={{ name: 'elsewhere' }} className="press press-quiet small">
          {t('elsewhere.link')}
        </Go>
        <Whole />
      </div>
    </Page>
  )
}

const Again = () => {
  const { pattern, plan, begin } = useChoice()
  const breath = pattern.breath.kind === 'paced' ? pattern.breath : CALM
  return (
    <div className="two">
      <Page title={patternName(pattern)} className="home">
        <Breathing key={pattern.id} breath={breath} />
        <div className="home-deed">
          <p className="soft home-figure">
            {breathFigure(pattern.breath)} <span aria-hidden="true">·</span> {planWords(plan)}
          </p>
          <Press weight="light" onPress={begin}>
            {t('breathe.begin')}
          </Press>
          <Go to={{ name: 'patterns' }} className="press press-quiet narrow-only">
            {t('breathe.another')}
          </Go>
          <NextThing />
          <Whole />
        </div>
      </Page>
      <aside className="two-second wide-only" aria-label={t('breathe.another')}>
        <PatternList />
      </aside>
    </div>
  )
}

/** Where the app opens: one tap starts the last pattern. */
export const Home = () => {
  const { store, sitting } = useWorld()
  const fresh = useLive(store.journal).years.length === 0
  const session = useLive(sitting)
  if (session.kind === 'paused' || session.kind === 'reflecting') return <Unfinished session={session} />
  return fresh ? <FirstOpen /> : <Again />
}
