import { useEffect, useState } from 'react'
import type { ReceiptToKeep } from '#app/sync/status.ts'
import { t } from '#app/ui/i18n.ts'
import { Ask } from '#app/ui/parts/Ask.tsx'
import { useLive } from '#app/ui/parts/live.ts'
import { Press } from '#app/ui/parts/Press.tsx'
import { Say } from '#app/ui/parts/Say.tsx'
import { moment } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { BackupButtons } from './Backup.tsx'
import { OwedErasures } from './OwedErasures.tsx'

type Scope = 'device' | 'everywhere'

const Receipt = ({ receipt }: { readonly receipt: ReceiptToKeep }) => {
  const days = receipt.backupDays
  return (
    <section className="stack stack-close">
      <p>{t('erase.receipt', { relay: receipt.relay, when: moment(receipt.at) })}</p>
      <p className="soft">{days === null ? t('erase.no-backups') : t('erase.backups', { count: days })}</p>
      <textarea readOnly className="receipt" rows={5} aria-label={t('erase.receipt-text')} value={receipt.text} />
    </section>
  )
}

/** Of this and earlier erasures, the last one first. They stay on this device until it is erased too. */
const Receipts = ({ fresh }: { readonly fresh: readonly ReceiptToKeep[] }) => {
  const { erase } = useWorld()
  const [receipts, setReceipts] = useState<readonly ReceiptToKeep[]>([])
  useEffect(() => void erase.receipts().then(setReceipts), [erase])
  const news = fresh.filter(({ text }) => !receipts.some((each) => each.text === text))
  const shown = [...receipts, ...news]
  if (shown.length === 0) return null
  return (
    <>
      <h2>{t('erase.receipts')}</h2>
      {shown.toReversed().map((receipt) => (
        <Receipt key={receipt.text} receipt={receipt} />
      ))}
      <OwedErasures after={fresh} />
    </>
  )
}

/** A device that comes late: nothing is brought back, and nothing here is taken without a word. */
const Late = () => {
  const { erase } = useWorld()
  const [problem, setProblem] = useState<string | null>(null)
  const begin = async (): Promise<void> => {
    const begun = await erase.beginAnew()
    if (!begun.ok) setProblem(t(`erase.problem.${begun.error}`))
  }
  return (
    <section className="stack stack-close note">
      <h2>{t('erase.late')}</h2>
      <p>{t('erase.late-told')}</p>
      <BackupButtons />
      <Press weight="light" onPress={() => void begin()}>
        {t('erase.begin-anew')}
      </Press>
      {problem !== null && (
        <p className="warn" role="alert">
          {problem}
        </p>
      )}
    </section>
  )
}

/** Two ways to forget, each said plainly before it is done, each behind one question. */
export const Erase = () => {
  const { erase, sync } = useWorld()
  const { status } = useLive(sync)
  const [asking, setAsking] = useState<Scope | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [receipts, setReceipts] = useState<readonly ReceiptToKeep[]>([])

  const eraseDevice = async (): Promise<void> => {
    const outcome = await erase.thisDevice()
    if (outcome.ok) location.replace('/')
    else setProblem(t(`erase.problem.${outcome.error}`))
  }
  const eraseEverywhere = async (): Promise<void> => {
    const outcome = await erase.everywhere()
    if (outcome.ok) setReceipts(outcome.value.receipts)
    else setProblem(t(`erase.problem.${outcome.error}`))
  }
  const go = async (scope: Scope): Promise<void> => {
    setAsking(null)
    setBusy(true)
    setProblem(null)
    await (scope === 'device' ? eraseDevice() : eraseEverywhere())
    setBusy(false)
  }
  return (
    <>
      {status.kind === 'erased' && <Late />}
      <Receipts fresh={receipts} />
      <section className="stack stack-close">
        <h2>{t('erase.device')}</h2>
        <p>{t('erase.device-told')}</p>
        <Press weight="careful" disabled={busy} onPress={() => setAsking('device')}>
          {t('erase.device-do')}
        </Press>
      </section>
      <section className="stack stack-close">
        <h2>{t('erase.everywhere')}</h2>
        <p>{t('erase.everywhere-told')}</p>
        <Press weight="careful" disabled={busy} onPress={() => setAsking('everywhere')}>
          {t('erase.everywhere-do')}
        </Press>
      </section>
      {busy && <Say role="status">{t('erase.busy')}</Say>}
      {problem !== null && (
        <Say className="warn" role="alert">
          {problem}
        </Say>
      )}
      {asking !== null && (
        <Ask title={t(`erase.ask.${asking}`)} onClose={() => setAsking(null)}>
          <p>{t(`erase.ask-told.${asking}`)}</p>
          <BackupButtons />
          <div className="row">
            <Press onPress={() => setAsking(null)}>{t('erase.no')}</Press>
            <Press weight="careful" onPress={() => void go(asking)}>
              {t(`erase.${asking}-do`)}
            </Press>
          </div>
        </Ask>
      )}
    </>
  )
}
