import { useState } from 'react'
import { holdsEverything, type RelayFacts, type WaitReason } from '#app/sync/status.ts'
import { t } from '#app/ui/i18n.ts'
import { Ask } from '#app/ui/parts/Ask.tsx'
import { Field, verbatim } from '#app/ui/parts/Fields.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { Go, Press } from '#app/ui/parts/Press.tsx'
import { moment } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { Host } from './Host.tsx'
import { tellRelay } from './relay-words.ts'
import { Voucher } from './Voucher.tsx'

/** Where only the host can help. */
const refusals: readonly WaitReason[] = ['relay-full', 'relay-refused', 'entry-refused']

const Told = ({ relay }: { readonly relay: RelayFacts }) => {
  const told = tellRelay(relay)
  if (told === null) return null
  const when = told.since === null ? '' : moment(told.since)
  return <span className="soft small">{t(told.id, { count: told.count, when })}</span>
}

const RelayRow = ({ relay, onRemove }: { readonly relay: RelayFacts; readonly onRemove: () => void }) => {
  const why = relay.status.kind === 'waiting' ? relay.status.why : null
  return (
    <li className="relay">
      <div className={holdsEverything(relay) ? 'relay-line rung-lit' : 'relay-line'}>
        <span className="rung-light" aria-hidden="true" />
        <span className="relay-told">
          <bdi dir="ltr" className="relay-name">
            {relay.relay}
          </bdi>
          <Told relay={relay} />
        </span>
        <Press weight="quiet" label={t('relays.remove-named', { relay: relay.relay })} onPress={onRemove}>
          {t('relays.remove')}
        </Press>
      </div>
      {why !== null && refusals.includes(why) && <Host relay={relay.relay} />}
      {why === 'relay-refused' && <Voucher relay={relay.relay} />}
    </li>
  )
}

/** What it has stays there: said before, with the one way to have it gone. */
const Removing = ({ relay, onClose }: { readonly relay: string; readonly onClose: () => void }) => {
  const { sync } = useWorld()
  const last = useLive(sync).relays.length === 1
  const remove = async (): Promise<void> => {
    await sync.removeRelay(relay)
    onClose()
  }
  return (
    <Ask title={t('relays.ask', { relay })} onClose={onClose}>
      <p>{t(last ? 'relays.ask-last' : 'relays.ask-told')}</p>
      <p className="soft">
        {t('relays.ask-stays')} <Go to={{ name: 'settings', section: 'erase' }}>{t('settings.erase')}</Go>
      </p>
      <div className="row">
        <Press onPress={onClose}>{t('erase.no')}</Press>
        <Press weight="careful" onPress={() => void remove()}>
          {t('relays.remove')}
        </Press>
      </div>
    </Ask>
  )
}

const AddRelay = () => {
  const { sync } = useWorld()
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const add = async (): Promise<void> => {
    setBusy(true)
    const outcome = await sync.addRelay(typed)
    setBusy(false)
    if (outcome.ok) setTyped('')
    setProblem(outcome.ok ? null : t(`relay.problem.${outcome.error}`))
  }
  return (
    <form
      className="stack stack-close"
      aria-busy={busy}
      onSubmit={(event) => {
        event.preventDefault()
        void add()
      }}
    >
      <Field label={t('relays.another')} hint={t('relays.another-hint')} problem={problem}>
        {(ids) => (
          <input
            {...ids}
            type="text"
            inputMode="url"
            dir="ltr"
            {...verbatim}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </Field>
      <button type="submit" className="press press-plain" disabled={busy || typed.trim() === ''}>
        {t('relays.add')}
      </button>
    </form>
  )
}

/** The relays that the journal is kept on, and what each of them has. */
export const Relays = () => {
  const { relays, lastAck } = useLive(useWorld().sync)
  const [removing, setRemoving] = useState<string | null>(null)
  return (
    <section className="stack stack-close">
      <h2>{t('relays.title')}</h2>
      <p className="soft small">{t('relay.hint')}</p>
      {relays.length > 0 && (
        <ul className="relays">
          {relays.map((relay) => (
            <RelayRow key={relay.relay} relay={relay} onRemove={() => setRemoving(relay.relay)} />
          ))}
        </ul>
      )}
      {lastAck !== null && <p className="soft small">{t('relay.last-ack', { when: moment(lastAck) })}</p>}
      <AddRelay />
      {removing !== null && <Removing relay={removing} onClose={() => setRemoving(null)} />}
    </section>
  )
}
