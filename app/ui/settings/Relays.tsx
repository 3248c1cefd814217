import { useEffect, useRef, useState } from 'react'
import { holdsEverything, type RelayFacts, type WaitReason } from '#app/sync/status.ts'
import { t } from '#app/ui/i18n.ts'
import { announce } from '#app/ui/parts/announce.ts'
import { useLive } from '#app/ui/parts/live.ts'
import { Press } from '#app/ui/parts/Press.tsx'
import { recently } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { AddRelay } from './AddRelay.tsx'
import { Host } from './Host.tsx'
import { OwedErasures } from './OwedErasures.tsx'
import { RemoveRelay } from './RemoveRelay.tsx'
import { tellRelay, twinOf } from './relay-words.ts'
import { Voucher } from './Voucher.tsx'

/** Where only the host can help. */
const refusals: readonly WaitReason[] = ['relay-full', 'relay-refused', 'entry-refused']

interface Row {
  readonly relay: RelayFacts
  readonly relays: readonly RelayFacts[]
  readonly onRemove: () => void
}

const Told = ({ relay, relays }: Omit<Row, 'onRemove'>) => {
  const { clock } = useWorld()
  const told = tellRelay(relay, relays.length > 1)
  const twin = twinOf(relay, relays)
  if (told === null) return null
  const when = told.since === null ? '' : recently(told.since, clock.moment().utcMs)
  return (
    <>
      <span className="soft small">{t(told.id, { count: told.count, when })}</span>
      {twin !== null && <span className="soft small">{t('relays.twin', { relay: twin })}</span>}
    </>
  )
}

const RelayRow = ({ relay, relays, onRemove }: Row) => {
  const why = relay.status.kind === 'waiting' ? relay.status.why : null
  return (
    <li className="relay">
      <div className={holdsEverything(relay) ? 'relay-line rung-lit' : 'relay-line'}>
        <span className="rung-light" aria-hidden="true" />
        <span className="relay-told">
          <bdi dir="ltr" className="relay-name">
            {relay.relay}
          </bdi>
          <Told relay={relay} relays={relays} />
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

/** The relays that the journal is kept on, and what each of them has. */
export const Relays = () => {
  const { clock, sync } = useWorld()
  const { relays, lastAck, status } = useLive(sync)
  const [removing, setRemoving] = useState<string | null>(null)
  const [removed, setRemoved] = useState<{ readonly relay: string } | null>(null)
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (removed === null) return
    // The button that was pressed goes with its relay.
    head.current?.focus()
    announce(t('relays.removed', removed))
  }, [removed])
  const onRemoved = (): void => {
    if (removing !== null) setRemoved({ relay: removing })
    setRemoving(null)
  }
  return (
    <section className="stack stack-close">
      <h2 ref={head} tabIndex={-1}>
        {t('relays.title')}
      </h2>
      <p className="soft small">{t('relay.hint')}</p>
      {relays.length > 0 && (
        <ul className="relays">
          {relays.map((relay) => (
            <RelayRow key={relay.relay} relay={relay} relays={relays} onRemove={() => setRemoving(relay.relay)} />
          ))}
        </ul>
      )}
      {lastAck !== null && (
        <p className="soft small">{t('relay.last-ack', { when: recently(lastAck, clock.moment().utcMs) })}</p>
      )}
      <OwedErasures after={status.kind} />
      <AddRelay />
      {removing !== null && <RemoveRelay relay={removing} onRemoved={onRemoved} onClose={() => setRemoving(null)} />}
    </section>
  )
}
