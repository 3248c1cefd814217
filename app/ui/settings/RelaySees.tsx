import { t } from '#app/ui/i18n.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { useWorld } from '#app/ui/world.ts'
import { Host } from './Host.tsx'

const cannot = ['sees.cannot.words', 'sees.cannot.author', 'sees.cannot.forge'] as const
const can = ['sees.can.sizes', 'sees.can.addresses', 'sees.can.counted', 'sees.can.withhold'] as const

/** Plain: what a relay learns, what it cannot, and whom one trusts with the app itself. */
export const RelaySees = () => {
  const { relays } = useLive(useWorld().sync)
  return (
    <>
      <h2>{t('sees.cannot')}</h2>
      <ul className="plain-list">
        {cannot.map((id) => (
          <li key={id}>{t(id)}</li>
        ))}
      </ul>
      <h2>{t('sees.can')}</h2>
      <ul className="plain-list">
        {can.map((id) => (
          <li key={id}>{t(id)}</li>
        ))}
      </ul>
      <h2>{t('sees.trust')}</h2>
      <p>{t('sees.trust-told')}</p>
      {relays.map(({ relay }) => (
        <Host key={relay} relay={relay} />
      ))}
    </>
  )
}
