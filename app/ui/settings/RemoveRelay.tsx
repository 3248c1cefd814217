import { t } from '#app/ui/i18n.ts'
import { Ask } from '#app/ui/parts/Ask.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { Go, Press } from '#app/ui/parts/Press.tsx'
import { useWorld } from '#app/ui/world.ts'

interface RemoveRelayProps {
  readonly relay: string
  readonly onRemoved: () => void
  readonly onClose: () => void
}

/** What it has stays there: said before, with the one way to have it gone. */
export const RemoveRelay = ({ relay, onRemoved, onClose }: RemoveRelayProps) => {
  const { sync } = useWorld()
  const last = useLive(sync).relays.length === 1
  const remove = async (): Promise<void> => {
    await sync.removeRelay(relay)
    onRemoved()
  }
  return (
    <Ask title={t('relays.ask', { relay })} onClose={onClose}>
      <p>{t(last ? 'relays.ask-last' : 'relays.ask-told')}</p>
      <p className="soft">
        {t('relays.ask-stays')} <Go to={{ name: 'settings', section: 'erase' }}>{t('settings.erase')}</Go>
      </p>
      <div className="row">
        <Press onPress={onClose}>{t('relays.ask-no')}</Press>
        <Press weight="careful" onPress={() => void remove()}>
          {t('relays.remove')}
        </Press>
      </div>
    </Ask>
  )
}
