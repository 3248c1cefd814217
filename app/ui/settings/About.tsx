import { useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { Press } from '#app/ui/parts/Press.tsx'
import type { AppPort } from '#app/ui/ports.ts'
import { useWorld } from '#app/ui/world.ts'

type Digests = Awaited<ReturnType<AppPort['digests']>>

const Build = () => {
  const { app } = useWorld()
  const [digests, setDigests] = useState<Digests | null>(null)
  return (
    <section className="stack stack-close">
      <h2>{t('about.build')}</h2>
      <p className="soft">{t('about.build-told')}</p>
      {digests === null ? (
        <Press onPress={() => void app.digests().then(setDigests)}>{t('about.show-digests')}</Press>
      ) : (
        <dl className="digests">
          {digests.map(({ file, digest }) => (
            <div key={file}>
              <dt>{file}</dt>
              <dd>{digest}</dd>
            </div>
          ))}
          {digests.length === 0 && <p>{t('about.no-digests')}</p>}
        </dl>
      )}
    </section>
  )
}

export const About = () => {
  const { app } = useWorld()
  const { whole, installable, installed } = useLive(app)
  return (
    <>
      <p>{t('about.what')}</p>
      <p>{t('about.medical')}</p>
      <p className="soft">{t(whole ? 'app.whole-long' : 'app.not-whole')}</p>
      {installed && <p className="soft">{t('about.installed')}</p>}
      {installable && !installed && <Press onPress={() => void app.install()}>{t('about.install')}</Press>}
      <Build />
    </>
  )
}
