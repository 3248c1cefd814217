import { useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { Guide } from '#app/ui/orb/Guide.tsx'
import { Choice } from '#app/ui/parts/Fields.tsx'
import { useWorld } from '#app/ui/world.ts'
import type { PacedBreath } from '#core/breath.ts'
import { useSettings } from './useSettings.ts'

const SAMPLE: PacedBreath = { kind: 'paced', seconds: { in: 4, sip: 0, hold: 0, out: 6, rest: 0 }, ramp: null }

export const Look = () => {
  const { clock } = useWorld()
  const [{ theme, look }, change] = useSettings()
  const [startMs] = useState(clock.mono)
  return (
    <>
      <Choice
        legend={t('look.theme')}
        value={theme}
        options={(['system', 'paper', 'night', 'black'] as const).map((value) => ({
          value,
          label: t(`look.theme.${value}`)
        }))}
        onChoose={(value) => change({ theme: value })}
      />
      <Choice
        legend={t('look.guide')}
        value={look}
        options={(['orb', 'ring', 'wave', 'words'] as const).map((value) => ({
          value,
          label: t(`look.guide.${value}`)
        }))}
        onChoose={(value) => change({ look: value })}
      />
      <div className="sample">
        <Guide look={look} breath={SAMPLE} course={{ cycleMs: 10_000, startMs, heldAtMs: null }}>
          {look === 'words' && <span className="word">{t('phase.in')}</span>}
        </Guide>
      </div>
    </>
  )
}
