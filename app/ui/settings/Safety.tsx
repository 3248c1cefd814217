import { useEffect, useState } from 'react'
import { countRelays, holdsEverything, type SyncFacts } from '#app/sync/status.ts'
import { t } from '#app/ui/i18n.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { Go, Press } from '#app/ui/parts/Press.tsx'
import type { StoragePort } from '#app/ui/ports.ts'
import { useSafety } from '#app/ui/useSafety.ts'
import { bytesWords } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { Relays } from './Relays.tsx'

type Rung = 'this-device' | 'relay' | 'other-device'
const rungs: readonly Rung[] = ['this-device', 'relay', 'other-device']

const reached = ({ status }: SyncFacts, rung: Rung): boolean => {
  if (rung === 'this-device') return true
  if (status.kind !== 'live' || status.waiting > 0) return false
  return rung === 'relay' ? status.safety !== 'this-device' : status.safety === 'other-device'
}

/** The places something can be safe in, lit as far as it was acknowledged. */
const Ladder = ({ facts, here }: { readonly facts: SyncFacts; readonly here: boolean }) => {
  const of = countRelays(facts.relays)
  const held = countRelays(facts.relays.filter(holdsEverything))
  return (
    <ol className="ladder">
      {rungs.map((rung) => {
        const lit = here && reached(facts, rung)
        const several = rung === 'relay' && of > 1
        return (
          <li key={rung} className={lit ? 'rung rung-lit' : 'rung'}>
            <span className="rung-light" aria-hidden="true" />
            <span>{several ? t('relays.title') : t(`safety.rung.${rung}`)}</span>
            <span className="soft small">
              {several ? t('safety.rung.some', { held, of }) : t(lit ? 'safety.rung.yes' : 'safety.rung.not-yet')}
            </span>
          </li>
        )
      })}
    </ol>
  )
}

const Storage = () => {
  const { storage } = useWorld()
  const [facts, setFacts] = useState<Awaited<ReturnType<StoragePort['facts']>> | null>(null)
  useEffect(() => void storage.facts().then(setFacts), [storage])
  if (facts === null) return null
  const ask = async (): Promise<void> => {
    await storage.persist()
    setFacts(await storage.facts())
  }
  return (
    <section className="stack stack-close">
      <h2>{t('storage.title')}</h2>
      <p>{t(facts.persisted ? 'storage.kept' : 'storage.may-go')}</p>
      {facts.usedBytes !== null && (
        <p className="soft small">{t('storage.used', { size: bytesWords(facts.usedBytes) })}</p>
      )}
      {!facts.persisted && <Press onPress={() => void ask()}>{t('storage.ask')}</Press>}
    </section>
  )
}

const Notices = () => {
  const { notices, otherDevices, spokenByAnotherTab } = useLive(useWorld().sync)
  return (
    <>
      {notices.map((notice) => (
        <div className="note" key={notice.kind}>
          <p>{t(`notice.${notice.kind}`, { count: 'count' in notice ? notice.count : 0 })}</p>
        </div>
      ))}
      {otherDevices !== null && <p className="soft">{t('safety.devices', { count: otherDevices })}</p>}
      {spokenByAnotherTab && <p className="soft small">{t('safety.other-tab')}</p>}
    </>
  )
}

/** What is safe where, what waits and why. */
export const Safety = () => {
  const { sync, keep } = useWorld()
  const facts = useLive(sync)
  const here = useLive(keep).kind === 'ready'
  const { where, why } = useSafety()
  return (
    <>
      <p className="lead" aria-live="polite">
        {t(where.id, where.values)}
      </p>
      {why !== null && <p className="soft">{t(why)}</p>}
      {facts.relays.some(({ status }) => status.kind === 'waiting') && (
        <Press onPress={sync.retry}>{t('safety.retry')}</Press>
      )}
      {facts.status.kind === 'erased' && <Go to={{ name: 'settings', section: 'erase' }}>{t('safety.to-erase')}</Go>}
      <Ladder facts={facts} here={here} />
      <Notices />
      <Relays />
      <Storage />
    </>
  )
}
