import { t } from '#app/ui/i18n.ts'
import type { KeepState } from '#app/ui/ports.ts'
import { useRouter } from '#app/ui/router.ts'
import { useWorld } from '#app/ui/world.ts'
import { useLive } from './live.ts'
import { Go, Press } from './Press.tsx'

/** What happened, what is safe, what to do. */
const KeepBanner = ({ state }: { readonly state: KeepState }) => {
  const { keep } = useWorld()
  const router = useRouter()
  switch (state.kind) {
    case 'opening':
    case 'ready':
      return null
    case 'quota':
      return (
        <div className="note note-careful bar" role="alert">
          <p>{t('keep.quota')}</p>
          <div className="row">
            <Press onPress={keep.retry}>{t('keep.retry')}</Press>
            <Go to={{ name: 'settings', section: 'backup' }}>{t('keep.to-backup')}</Go>
          </div>
        </div>
      )
    case 'blocked-by-other-tab':
      return (
        <div className="note note-careful bar" role="alert">
          <p>{t('keep.blocked')}</p>
        </div>
      )
    case 'newer-store':
      return (
        <div className="note note-careful bar" role="alert">
          <p>{t('keep.newer')}</p>
        </div>
      )
    case 'evicted':
      return (
        <div className="note note-careful bar" role="alert">
          <p>{t('keep.evicted')}</p>
          <div className="row">
            <Press onPress={() => void keep.beginAgain().then(() => router.go({ name: 'elsewhere' }))}>
              {t('keep.bring-back')}
            </Press>
            <Press weight="quiet" onPress={() => void keep.beginAgain()}>
              {t('keep.begin-again')}
            </Press>
          </div>
        </div>
      )
    case 'cannot-keep':
      return (
        <div className="note bar">
          <p>{t(state.why === 'insecure-context' ? 'keep.insecure' : 'keep.no-storage')}</p>
        </div>
      )
  }
}

const LostEdits = () => {
  const { store } = useWorld()
  const offer = useLive(store.lostEdits)[0]
  if (offer === undefined) return null
  const answer = (choice: 'keep' | 'let-go') => () => void store.answerLostEdit(offer.entry.id, choice)
  return (
    <div className="note bar">
      <p>{t('lost.told')}</p>
      <div className="row">
        <Press onPress={answer('keep')}>{t('lost.keep')}</Press>
        <Press weight="quiet" onPress={answer('let-go')}>
          {t('lost.let-go')}
        </Press>
      </div>
    </div>
  )
}

const Update = () => {
  const { app } = useWorld()
  if (!useLive(app).updateReady) return null
  return (
    <div className="note bar row">
      <p>{t('update.ready')}</p>
      <Press onPress={app.applyUpdate}>{t('update.apply')}</Press>
    </div>
  )
}

/** A write that failed for another reason than want of space: it is tried again by itself, as long as this page is open. */
const NotOnDisk = () => {
  const { store, keep } = useWorld()
  const { unsaved, writeError } = useLive(store.status)
  const { kind } = useLive(keep)
  if (unsaved === 0 || writeError === null || kind !== 'ready') return null
  return (
    <div className="note note-careful bar" role="alert">
      <p>{t('keep.unsaved', { count: unsaved })}</p>
      <div className="row">
        <Press onPress={keep.retry}>{t('keep.retry')}</Press>
        <Go to={{ name: 'settings', section: 'backup' }}>{t('keep.to-backup')}</Go>
      </div>
    </div>
  )
}

/** A document that a newer app wrote is shown and left as it is. */
const ReadOnly = () => {
  const { store } = useWorld()
  if (useLive(store.status).readOnly.length === 0) return null
  return (
    <div className="note bar" role="alert">
      <p>{t('keep.read-only')}</p>
    </div>
  )
}

/** A year that could not be read is not an empty year. */
const Unread = () => {
  const { store, keep } = useWorld()
  const { failed } = useLive(store.status)
  // Without a database nothing can be read; the banner above says why.
  if (useLive(keep).kind !== 'ready' || failed.length === 0) return null
  return (
    <div className="note note-careful bar" role="alert">
      <p>{t('keep.unread')}</p>
      <Press onPress={() => void store.retry()}>{t('keep.retry')}</Press>
    </div>
  )
}

/** What a person should know before anything else; empty on a good day. */
export const Banners = () => {
  const { keep } = useWorld()
  return (
    <>
      <KeepBanner state={useLive(keep)} />
      <NotOnDisk />
      <ReadOnly />
      <Unread />
      <LostEdits />
      <Update />
    </>
  )
}
