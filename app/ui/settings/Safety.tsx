import { useEffect, useState } from 'react'
import type { SyncFacts, WaitReason } from '#app/sync/status.ts'
import { t } from '#app/ui/i18n.ts'
import { Field, verbatim } from '#app/ui/parts/Fields.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { Go, Press } from '#app/ui/parts/Press.tsx'
import type { StoragePort } from '#app/ui/ports.ts'
import { useSafety } from '#app/ui/useSafety.ts'
import { bytesWords, moment } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { Host } from './Host.tsx'
import { Voucher } from './Voucher.tsx'

type Rung = 'this-device' | 'relay' | 'other-device'
const rungs: readonly Rung[] = ['this-device', 'relay', 'other-device']

const reached = ({ status }: SyncFacts, rung: Rung): boolean => {
  if (rung === 'this-device') return true
  if (status.kind !== 'live' || status.waiting > 0) return false
  return rung === 'relay' ? status.safety !== 'this-device' : status.safety === 'other-device'
}

/** The three places something can be safe in, lit as far as it was acknowledged. */
const Ladder = ({ facts, here }: { readonly facts: SyncFacts; readonly here: boolean }) => (
  <ol className="ladder">
    {rungs.map((rung) => {
      const lit = here && reached(facts, rung)
      return (
        <li key={rung} className={lit ? 'rung rung-lit' : 'rung'}>
          <span className="rung-light" aria-hidden="true" />
          <span>{t(`safety.rung.${rung}`)}</span>
          <span className="soft small">{t(lit ? 'safety.rung.yes' : 'safety.rung.not-yet')}</span>
        </li>
      )
    })}
  </ol>
)

const Relay = () => {
  const { sync, store } = useWorld()
  const { relay, lastAck } = useLive(sync)
  const { relay: wish } = useLive(store.settings)
  const [typed, setTyped] = useState<string | null>(null)
  // Until something is typed the field follows: the relay is known only after the first screen.
  const address = typed ?? (wish === 'none' ? '' : wish || (relay ?? ''))
  const [problem, setProblem] = useState<string | null>(null)
  const set = async (next: string | null): Promise<void> => {
    const outcome = await sync.setRelay(next)
    if (outcome.ok) setTyped(null)
    setProblem(outcome.ok ? null : t(`relay.problem.${outcome.error}`))
  }
  return (
    <form
      className="stack stack-close"
      onSubmit={(event) => {
        event.preventDefault()
        void set(address.trim() === '' ? null : address.trim())
      }}
    >
      <Field label={t('relay.address')} hint={t('relay.hint')} problem={problem}>
        {(ids) => (
          <input
            {...ids}
            type="text"
            inputMode="url"
            {...verbatim}
            value={address}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </Field>
      <div className="row">
        <button type="submit" className="press press-plain">
          {t('relay.use')}
        </button>
        {relay !== null && (
          <Press weight="quiet" onPress={() => void set(null)}>
            {t('relay.none')}
          </Press>
        )}
      </div>
      {lastAck !== null && <p className="soft small">{t('relay.last-ack', { when: moment(lastAck) })}</p>}
    </form>
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

/** Where only the host can help. */
const refusals: readonly WaitReason[] = ['relay-full', 'relay-refused', 'entry-refused']

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
      {facts.status.kind === 'waiting' && refusals.includes(facts.status.why) && <Host />}
      {facts.status.kind === 'waiting' && facts.status.why === 'relay-refused' && <Voucher />}
      {facts.status.kind === 'waiting' && <Press onPress={sync.retry}>{t('safety.retry')}</Press>}
      {facts.status.kind === 'erased' && <Go to={{ name: 'settings', section: 'erase' }}>{t('safety.to-erase')}</Go>}
      <Ladder facts={facts} here={here} />
      <Notices />
      <Relay />
      <Storage />
    </>
  )
}
